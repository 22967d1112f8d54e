"""The program beside a model in C: it says what the model sees in an image file."""

from mirada.export.c_source import CNames

__all__ = ["example_program"]

_SOURCE = r"""/* Says what the model sees in an image:

    cc -std=c99 -O3 -o example example.c model.c
    ./example example.%(suffix)s

   The image is a PGM or PPM file (P2, P3, P5, P6) of the size that the model takes.
   Most programs that show images write them; "convert in.png -resize 28x28! out.pgm"
   does with ImageMagick. */
#include <stdio.h>
#include <stdlib.h>

#include "model.h"

#define CHANNELS %(C)s_CHANNELS
#define PIXELS (%(C)s_HEIGHT * %(C)s_WIDTH * CHANNELS)

static uint8_t pixels[PIXELS];
static float probabilities[%(C)s_CLASSES];

/* The next number of the file; -1 where there is none. What follows # is a comment. */
static long number(FILE *file)
{
    long value = 0;
    int letter = getc(file);
    while (letter == '#' || letter == ' ' || (letter >= '\t' && letter <= '\r')) {
        while (letter == '#' && letter != EOF) {
            do {
                letter = getc(file);
            } while (letter != '\n' && letter != EOF);
        }
        letter = getc(file);
    }
    if (letter < '0' || letter > '9')
        return -1;
    while (letter >= '0' && letter <= '9' && value < 100000) {
        value = 10 * value + (letter - '0');
        letter = getc(file);
    }
    return value;
}

/* Why the file cannot be read, or NULL. */
static const char *read_image(FILE *file)
{
    const int mark = getc(file), kind = getc(file);
    const int colour = kind == '3' || kind == '6', text = kind == '2' || kind == '3';
    if (mark != 'P' || (!text && kind != '5' && kind != '6'))
        return "it is no PGM or PPM file (P2, P3, P5 or P6)";
    const long width = number(file), height = number(file), most = number(file);
    if (width < 0 || height < 0 || most < 0)
        return "its head is broken";
    if (colour != (CHANNELS == 3))
        return CHANNELS == 3 ? "it is grey, but the model takes colours (PPM)"
                             : "it has colours, but the model takes grey (PGM)";
    if (width != %(C)s_WIDTH || height != %(C)s_HEIGHT) {
        static char told[100];
        snprintf(told, sizeof told, "it has %%ld x %%ld pixels, but the model takes "
            "%%d x %%d", width, height, %(C)s_WIDTH, %(C)s_HEIGHT);
        return told;
    }
    if (most < 1 || most > 255)
        return "its greatest value is not from 1 to 255";
    for (long i = 0; i < PIXELS; i++) {
        const long value = text ? number(file) : getc(file);
        if (value < 0)
            return "it ends too early, or holds more than numbers";
        if (value > most)
            return "a value is greater than its head says";
        pixels[i] = (uint8_t) ((255 * value + most / 2) / most);
    }
    return NULL;
}

int main(int count, char **arguments)
{
    if (count != 2) {
        fprintf(stderr, "Usage: example IMAGE\n");
        return 2;
    }
    FILE *file = fopen(arguments[1], "rb");
    if (file == NULL) {
        perror(arguments[1]);
        return 3;
    }
    const char *wrong = read_image(file);
    fclose(file);
    if (wrong != NULL) {
        fprintf(stderr, "%%s: %%s.\n", arguments[1], wrong);
        return 3;
    }
    %(f)s_predict(pixels, probabilities);
    for (int shown = 0; shown < 5 && shown < %(C)s_CLASSES; shown++) {
        int best = 0;
        for (int i = 1; i < %(C)s_CLASSES; i++)
            if (probabilities[i] > probabilities[best])
                best = i;
        const double share = 100.0 * probabilities[best];
        printf("%%5.1f%%%%  %%s\n", share, %(f)s_class_names[best]);
        probabilities[best] = -1.0f;
    }
    return 0;
}
"""


def example_program(names: CNames, channels: int) -> str:
    """The text of example.c."""
    suffix = "ppm" if channels == 3 else "pgm"
    return _SOURCE % {"C": names.constants, "f": names.functions, "suffix": suffix}

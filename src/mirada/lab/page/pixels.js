// @ts-check
/** The pixels of an image file. */

/** @param {string} address */
export async function pixelsOf(address) {
  const image = new Image();
  image.src = address;
  await image.decode();
  const { naturalWidth: width, naturalHeight: height } = image;
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  const ink = canvas.getContext("2d", { willReadFrequently: true });
  ink?.drawImage(image, 0, 0);
  return ink?.getImageData(0, 0, width, height) ?? new ImageData(width, height);
}

// @ts-check
/** What a network answers: a bar a class, the likeliest first. */

import { percentText, t } from "./language.js";
import { html, nothing } from "./vendor/lit-html.js";
import { tell, view } from "./view.js";

/** @import { View } from "./view.js" */

/**
 * `answers` are [class, probability], the likeliest first; `label` is the true class,
 * where it is known.
 *
 * @typedef {{answers: [string, number][], label?: string}} ClassBars
 */

/** @typedef {{most?: number, canMore?: boolean, caption?: string}} ClassBarsOptions */

/** The bars. Event: "more" when all classes are asked for. */
export const classBars = view("class-bars", draw);

/**
 * @param {ClassBars} data
 * @param {ClassBarsOptions} options
 * @param {View<ClassBars, ClassBarsOptions>} element
 */
function draw(data, options, element) {
  const shown = data.answers.slice(0, options.most ?? 5);
  const place = data.answers.findIndex(([name]) => name === data.label);
  const isKnown = data.label !== undefined && data.label !== "" && place >= 0;
  const all = isKnown && place >= shown.length ? [...shown, data.answers[place]] : shown;
  const most = options.most ?? 5;
  return html`
    <table>
      <caption class="view-unseen">${options.caption ?? t("What the network answers")}</caption>
      <tbody>
        ${all.map(
          ([name, share], at) => html`<tr class=${at === 0 ? "first" : ""}>
            <th scope="row" title=${name}>${name}${isKnown && name === data.label
              ? html`<span class="truth" title=${t("the true class")}> ✓<span
                class="view-unseen">${t("the true class")}</span></span>` : nothing}</th>
            <td class="share"><span .style=${`width: ${(100 * share).toFixed(2)}%`}></span></td>
            <td class="number" data-value=${share}>${percentText(share)}</td>
          </tr>`,
        )}
      </tbody>
    </table>
    ${data.answers.length > most && options.canMore
      ? html`<button type="button" class="quiet"
        @click=${() => tell(element, "more")}>${t("All {count} classes",
          { count: data.answers.length })}</button>`
      : nothing}`;
}

/** What mirada uses of lit-html 3.3.3. */
export interface TemplateResult {
  readonly strings: TemplateStringsArray;
  readonly values: unknown[];
}
export declare function html(
  strings: TemplateStringsArray,
  ...values: unknown[]
): TemplateResult;
export declare function svg(
  strings: TemplateStringsArray,
  ...values: unknown[]
): TemplateResult;
export declare const nothing: unique symbol;
export declare const noChange: unique symbol;
export declare function render(
  value: unknown,
  container: HTMLElement | DocumentFragment,
  options?: { host?: object; renderBefore?: ChildNode | null },
): unknown;

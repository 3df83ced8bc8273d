// Figures as people read them.

import type { Figures } from "./outcome";

/** Written out; what is not known is a dash. */
export interface Written {
  ms: string;
  rate: string;
  loss: string;
}

export function figuresOf({ ms, rate, loss }: Figures, locale: string): Written {
  const number = (value: number | undefined, options: Intl.NumberFormatOptions) =>
    value === undefined ? "–" : new Intl.NumberFormat(locale, options).format(value);
  return {
    ms: number(ms === undefined ? undefined : Math.max(1, Math.round(ms)), {}),
    rate: number(rate === undefined ? undefined : rate / 1_000_000, { maximumFractionDigits: 1 }),
    loss: number(loss, { style: "percent", maximumFractionDigits: 1 }),
  };
}

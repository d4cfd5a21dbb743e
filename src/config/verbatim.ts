/**
 * A plain scalar whose text is more than its value, and is passed on as it stands in `scrape_configs`: `1.10` is the number
 * 1.1, but the text `1.10` where Prometheus expects text; so are `0x10`, `1e3` and `True`.
 */
export class Verbatim {
  constructor(
    readonly text: string,
    readonly value: number | boolean,
  ) {}
}

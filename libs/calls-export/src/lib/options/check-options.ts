import { inspect } from 'node:util';

/** What each option takes: a test, and that in words. */
export type Rules<Options> = {
  readonly [Name in keyof Required<Options>]: readonly [(value: unknown) => boolean, string];
};

/** @throws Error where an option is not among the rules, or breaks its own. */
export function checkOptions<Options extends object>(
  options: Options,
  rules: Rules<Options>,
): void {
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    if (!Object.hasOwn(rules, name)) {
      throw new Error(
        `CallsExportModule takes no option ${name} here, but ${Object.keys(rules).join(', ')}`,
      );
    }
    const [accepts, what] = rules[name as keyof Options];
    if (!accepts(value)) {
      throw new Error(
        `CallsExportModule's option ${name} must be ${what}, not ${inspect(value, { depth: 0 })}`,
      );
    }
  }
}

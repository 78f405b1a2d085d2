import { inspect } from 'node:util';

/** For each option, whether a value is valid, and what it must be, for the error message. */
export type Rules<Options> = {
  readonly [Name in keyof Required<Options>]: readonly [(value: unknown) => boolean, string];
};

/** @throws Error if an option is unknown or invalid. */
export function checkOptions<Options extends object>(
  options: Options,
  rules: Rules<Options>,
): void {
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    if (!Object.hasOwn(rules, name)) {
      throw new Error(
        `Unknown CallsExportModule option ${name}. Accepted here: ${Object.keys(rules).join(', ')}`,
      );
    }
    const [isValid, rule] = rules[name as keyof Options];
    if (!isValid(value)) {
      throw new Error(
        `CallsExportModule option ${name} must be ${rule}, got ${inspect(value, { depth: 0 })}`,
      );
    }
  }
}

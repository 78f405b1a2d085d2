/**
 * The value of a claim: the one with exactly this name, or else the one at this path, whose steps are separated by dots.
 *
 * @returns undefined if there is none. Only a token's own properties count, so `constructor` is none.
 * @example claimAt({ org: { id: 7 } }, 'org.id') // 7
 */
export function claimAt(claims: object, nameOrPath: string): unknown {
  const whole = own(claims, nameOrPath);
  if (whole !== undefined) return whole;
  return nameOrPath.split('.').reduce<unknown>(own, claims);
}

function own(value: unknown, name: string): unknown {
  const has =
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.hasOwn(value, name);
  return has ? (value as Record<string, unknown>)[name] : undefined;
}

/**
 * Returns the claim with exactly this name, or otherwise the one at this dot-separated path.
 *
 * @returns undefined if there is none. Inherited properties such as `constructor` are ignored.
 * @example claimAt({ org: { id: 7 } }, 'org.id') // 7
 */
export function claimAt(claims: object, nameOrPath: string): unknown {
  const named = ownProperty(claims, nameOrPath);
  if (named !== undefined) return named;
  return nameOrPath.split('.').reduce<unknown>(ownProperty, claims);
}

function ownProperty(value: unknown, name: string): unknown {
  const has =
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.hasOwn(value, name);
  return has ? (value as Record<string, unknown>)[name] : undefined;
}

/**
 * Returns the query without the host app's own parameters.
 *
 * @param names the names of the host app's parameters. `name[key]` matches as well: some parsers treat it
 *   as one key.
 */
export function withoutHostParameters(query: object, names: readonly string[]): object {
  const isHostParameter = (name: string) =>
    names.includes(name) || names.includes(name.split('[', 1)[0] as string);
  // `fromEntries` keeps `__proto__`, which some parsers set as an own property.
  return Object.fromEntries(Object.entries(query).filter(([name]) => !isHostParameter(name)));
}

/**
 * The parameters of a query without those that are the host's own.
 *
 * @param names of the host's. Those of their keys count as well, since `name[key]` is a key of its own to some parsers.
 */
export function withoutHostParameters(query: object, names: readonly string[]): object {
  const isHosts = (name: string) =>
    names.includes(name) || names.includes(name.split('[', 1)[0] as string);
  // Parsers may give an own property `__proto__`, which this keeps as one.
  return Object.fromEntries(Object.entries(query).filter(([name]) => !isHosts(name)));
}

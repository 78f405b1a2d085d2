import type { ObjectLiteral, SelectQueryBuilder } from 'typeorm';
import type { PgClient } from './pg-client';

/** The tokens of a statement in which `$1` may stand: names and texts in quotes, where it is a part of them, and parameters. */
const TOKENS = /"(?:[^"]|"")*"|'(?:[^']|'')*'|\$(\d+)/g;

/** The query as text, since COPY takes no parameters: their values are literals, escaped by the driver. */
export function inlineParameters(
  query: Pick<SelectQueryBuilder<ObjectLiteral>, 'getQueryAndParameters'>,
  client: Pick<PgClient, 'escapeLiteral'>,
): string {
  const [sql, parameters] = query.getQueryAndParameters();
  return sql.replace(TOKENS, (token, number?: string) =>
    number === undefined ? token : literal(parameters[Number(number) - 1], client),
  );
}

function literal(value: unknown, client: Pick<PgClient, 'escapeLiteral'>): string {
  if (value === null || value === undefined) return 'NULL';
  const text = Buffer.isBuffer(value) ? `\\x${value.toString('hex')}` : String(value);
  return client.escapeLiteral(text);
}

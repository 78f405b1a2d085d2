import type { ObjectLiteral, SelectQueryBuilder } from 'typeorm';
import type { PgClient } from './pg-client';

/** Parameters, and the quoted names and strings in which `$1` is not a parameter. */
const TOKENS = /"(?:[^"]|"")*"|'(?:[^']|'')*'|\$(\d+)/g;

/** Returns the SQL of a query with its parameters as literals, since COPY accepts no parameters. */
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

import type { ObjectLiteral, SelectQueryBuilder } from 'typeorm';
import type { PgClient } from './pg-client';

/** Names and texts in quotes, which may have a `$1` in them, and parameters. */
const TOKENS = /"(?:[^"]|"")*"|'(?:[^']|'')*'|\$(\d+)/g;

/** The query as text, since COPY takes no parameters: their values are literals, escaped by the driver. */
export function inlineParameters(
  query: Pick<SelectQueryBuilder<ObjectLiteral>, 'getQueryAndParameters'>,
  client: Pick<PgClient, 'escapeLiteral'>,
): string {
  const [sql, parameters] = query.getQueryAndParameters();
  return sql.replace(TOKENS, (token, number?: string) =>
    number === undefined ? token : client.escapeLiteral(String(parameters[Number(number) - 1])),
  );
}

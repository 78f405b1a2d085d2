import type { QueryRunner } from 'typeorm';
import type { PgClient } from './pg-client';

/**
 * Runs statements, the last of which is a `COPY … TO STDOUT`, as one query of TypeORM's like any other, so that its loggers and whatever
 * instruments the driver see it begin and end. The data is taken from the connection, where the driver's own query leaves it.
 *
 * @param take is given the data as it comes. Its bytes are the driver's again when it returns. What it throws fails the query; the data that follows
 *   is passed over.
 */
export async function copyOut(
  runner: QueryRunner,
  { connection }: Pick<PgClient, 'connection'>,
  statements: string,
  take: (chunk: Buffer) => void,
): Promise<void> {
  let failure: { error: unknown } | undefined;
  const listener = ({ chunk }: { chunk: Buffer }) => {
    if (failure) return;
    try {
      take(chunk);
    } catch (error) {
      failure = { error };
    }
  };
  connection.on('copyData', listener);
  try {
    await runner.query(statements);
  } catch (error) {
    // What closes the connection is said by the failure that asked for it.
    if (!failure) throw error;
  } finally {
    connection.off('copyData', listener);
  }
  if (failure) throw failure.error;
}

/** What a character behind a backslash stands for. */
const ESCAPED: Readonly<Record<string, string>> = {
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

/**
 * The values of a row that was copied as text, none of which is null
 * (https://www.postgresql.org/docs/current/sql-copy.html, "Text Format").
 */
export function copiedValues(line: string): string[] {
  return line
    .slice(0, -'\n'.length)
    .split('\t')
    .map((value) =>
      value.replace(/\\(.)/gs, (_, character: string) => ESCAPED[character] ?? character),
    );
}

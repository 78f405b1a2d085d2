import type { QueryRunner } from 'typeorm';
import type { PgClient } from './pg-client';

/**
 * Runs statements of which the last is a `COPY … TO STDOUT`.
 *
 * They run as a normal TypeORM query, so that loggers and instrumentation see them. The driver ignores COPY
 * data, so the data is read from the events of the connection.
 *
 * @param onData is called with each chunk of data. The driver reuses the chunk's memory afterwards. If it
 *   throws, the rest of the data is ignored and the call fails with its error.
 */
export async function copyOut(
  runner: QueryRunner,
  { connection }: Pick<PgClient, 'connection'>,
  statements: string,
  onData: (chunk: Buffer) => void,
): Promise<void> {
  let failure: { error: unknown } | undefined;
  const listener = ({ chunk }: { chunk: Buffer }) => {
    if (failure) return;
    try {
      onData(chunk);
    } catch (error) {
      failure = { error };
    }
  };
  connection.on('copyData', listener);
  try {
    await runner.query(statements);
  } catch (error) {
    // If `onData` failed and closed the connection, its error is the cause.
    if (!failure) throw error;
  } finally {
    connection.off('copyData', listener);
  }
  if (failure) throw failure.error;
}

/** The escape sequences of the text format. */
const ESCAPED: Readonly<Record<string, string>> = {
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

/**
 * Parses a row in COPY's text format, without nulls (https://www.postgresql.org/docs/current/sql-copy.html,
 * "Text Format").
 */
export function copiedValues(line: string): string[] {
  return line
    .slice(0, -'\n'.length)
    .split('\t')
    .map((value) =>
      value.replace(/\\(.)/gs, (_, character: string) => ESCAPED[character] ?? character),
    );
}

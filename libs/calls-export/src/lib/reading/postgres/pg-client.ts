import type { Socket } from 'node:net';

/** The part of `pg.Client` that is used here. */
export interface PgClient {
  /** Gives a result for each of the statements. */
  query(statements: string): Promise<{ rows: Record<string, string>[] }[]>;
  query(query: PgQuery): void;
  escapeLiteral(text: string): string;
  end(): Promise<void>;
  readonly connection: PgConnection;
  readonly host: string;
  readonly port: number;
  /** What TLS is told, or false. */
  readonly ssl: unknown;
  readonly sslNegotiation: string;
  /** By these two a statement of the client's is cancelled. */
  readonly processID: number | null;
  readonly secretKey: number;
}

/** The part of `pg.Connection` that is used here, which speaks the protocol. */
export interface PgConnection {
  readonly stream: Socket;
  connect(port: number | string, host?: string): void;
  requestSsl(): void;
  cancel(processID: number, secretKey: number): void;
  on(event: 'connect' | 'sslconnect' | 'end' | 'error', listener: () => void): void;
}

/** A query that handles the messages of the server itself; `pg` calls it a `Submittable`. */
export interface PgQuery {
  /** Called by the query when it is done; the driver replaces it to stop a timer of its own. */
  callback(): void;
  submit(connection: { query(statements: string): void }): void;
  handleCopyData(message: { chunk: Buffer }): void;
  handleReadyForQuery(): void;
  handleError(error: Error): void;
  handleCommandComplete(): void;
  handleRowDescription(): void;
  handleEmptyQuery(): void;
}

/** Whether a connection is a client of `pg` that speaks the protocol itself, which that of `pg-native` does not. */
export function isPgClient(connection: unknown): connection is PgClient {
  const { connection: protocol, escapeLiteral } = (connection ?? {}) as {
    connection?: { query?: unknown };
    escapeLiteral?: unknown;
  };
  return typeof protocol?.query === 'function' && typeof escapeLiteral === 'function';
}

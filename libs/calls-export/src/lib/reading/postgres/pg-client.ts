import type { Socket } from 'node:net';

/** The part of `pg.Client` that is used here. */
export interface PgClient {
  escapeLiteral(text: string): string;
  /** How the client reads what the server sends of a type, by its number in the catalog. */
  getTypeParser(oid: number, format: 'text'): (text: string) => unknown;
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
  on<Event extends keyof PgMessages>(
    event: Event,
    listener: (message: PgMessages[Event]) => void,
  ): void;
  off<Event extends keyof PgMessages>(
    event: Event,
    listener: (message: PgMessages[Event]) => void,
  ): void;
}

/** Messages of the server, as the connection tells of them. */
export interface PgMessages {
  readonly copyData: { readonly chunk: Buffer };
  readonly rowDescription: { readonly fields: readonly { readonly dataTypeID: number }[] };
}

/** Whether a connection is a client of `pg` that speaks the protocol itself, which that of `pg-native` does not. */
export function isPgClient(connection: unknown): connection is PgClient {
  const { connection: protocol, escapeLiteral } = (connection ?? {}) as {
    connection?: { on?: unknown };
    escapeLiteral?: unknown;
  };
  return typeof protocol?.on === 'function' && typeof escapeLiteral === 'function';
}

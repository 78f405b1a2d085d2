import type { Socket } from 'node:net';

/** The part of `pg.Client` used here. */
export interface PgClient {
  escapeLiteral(text: string): string;
  /** Returns the parser of a type, by its OID. */
  getTypeParser(oid: number, format: 'text'): (text: string) => unknown;
  end(): Promise<void>;
  readonly connection: PgConnection;
  readonly host: string;
  readonly port: number;
  /** The TLS options, or false. */
  readonly ssl: unknown;
  readonly sslNegotiation: string;
  /** `processID` and `secretKey` identify the session in a cancel request. */
  readonly processID: number | null;
  readonly secretKey: number;
}

/** The part of `pg.Connection` used here. It implements the protocol. */
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

/** Events of the connection for messages of the server. */
export interface PgMessages {
  readonly copyData: { readonly chunk: Buffer };
  readonly rowDescription: { readonly fields: readonly { readonly dataTypeID: number }[] };
}

/** Whether a connection is a JavaScript client of `pg`. That of `pg-native` does not expose the protocol. */
export function isPgClient(connection: unknown): connection is PgClient {
  const { connection: protocol, escapeLiteral } = (connection ?? {}) as {
    connection?: { on?: unknown };
    escapeLiteral?: unknown;
  };
  return typeof protocol?.on === 'function' && typeof escapeLiteral === 'function';
}

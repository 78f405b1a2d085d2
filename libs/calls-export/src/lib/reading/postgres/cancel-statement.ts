import { isPgClient, type PgClient, type PgConnection } from './pg-client';

const TIMEOUT_MS = 1_000;

/**
 * Asks the server to cancel what a client is waiting for, by a connection of its own (PostgreSQL's protocol, "Canceling
 * Requests in Progress"). Unlike `pg_cancel_backend` that reaches the right statement behind a pooler too, and takes no
 * connection of the pool.
 *
 * @returns a promise that is fulfilled when the server has done so, or can't be reached.
 */
export async function cancelStatement(client: unknown): Promise<void> {
  if (!isPgClient(client) || !client.processID) return;
  const { host, port, ssl, sslNegotiation, processID, secretKey } = client;
  const Client = client.constructor as new (options: object) => PgClient;
  const { connection } = new Client({ host, port, ssl, sslnegotiation: sslNegotiation });
  await new Promise<void>((resolve) => {
    const cancel = () => connection.cancel(processID, secretKey);
    connection.on('connect', () => {
      if (!ssl) cancel();
      else if (sslNegotiation !== 'direct') connection.requestSsl();
    });
    connection.on('sslconnect', cancel);
    // The server closes it when it has told the other process.
    connection.on('end', resolve);
    connection.on('error', () => resolve());
    connection.stream.setTimeout(TIMEOUT_MS, () => connection.stream.destroy());
    connect(connection, host, port);
  });
}

function connect(connection: PgConnection, host: string, port: number): void {
  if (host.startsWith('/')) connection.connect(`${host}/.s.PGSQL.${port}`);
  else connection.connect(port, host);
}

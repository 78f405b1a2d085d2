import { isPgClient, type PgClient, type PgConnection } from './pg-client';

const TIMEOUT_MS = 1_000;

/**
 * Cancels the running statement of a client over a separate connection (PostgreSQL's protocol, "Canceling
 * Requests in Progress").
 *
 * Unlike `pg_cancel_backend`, this reaches the right statement behind a pooler and needs no pool connection.
 *
 * @returns a promise that resolves when the server has handled the request or can't be reached.
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
    // The server closes the connection after it has signaled the other process.
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

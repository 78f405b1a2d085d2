import { EventEmitter } from 'node:events';
import { cancelStatement } from './cancel-statement';

/** A fake client of `pg`. Clients created from its class log their calls. */
function client(own: object = {}) {
  const log: unknown[] = [];
  const stream = {
    setTimeout: jest.fn((_ms: number, _late: () => void) => {}),
    destroy: () => connection.emit('end'),
  };
  const connection = Object.assign(new EventEmitter(), {
    stream,
    connect: (...where: unknown[]) => log.push(['connect', ...where]),
    requestSsl: () => log.push('requestSsl'),
    cancel: (...whom: unknown[]) => log.push(['cancel', ...whom]),
  });
  class Client {
    readonly connection = connection;
    constructor(options: object) {
      log.push(['new', options]);
    }
    escapeLiteral() {}
  }
  const session = {
    host: 'db.example',
    port: 5433,
    ssl: false,
    sslNegotiation: 'postgres',
    processID: 42,
    secretKey: 4711,
    ...own,
  };
  const running = Object.assign(Object.create(Client.prototype), { connection, ...session });
  return { running, connection, stream, log };
}

const plain = { host: 'db.example', port: 5433, ssl: false, sslnegotiation: 'postgres' };

describe('cancelStatement', () => {
  it('sends the request over a new connection and waits until the server closes it', async () => {
    const { running, connection, log } = client();
    let isDone = false;
    const canceled = cancelStatement(running).then(() => (isDone = true));
    expect(log).toEqual([
      ['new', plain],
      ['connect', 5433, 'db.example'],
    ]);
    connection.emit('connect');
    expect(log.slice(2)).toEqual([['cancel', 42, 4711]]);
    await new Promise((resolve) => setImmediate(resolve));
    expect(isDone).toBe(false);
    connection.emit('end');
    await canceled;
  });

  it('requests TLS first if the client uses it', async () => {
    const ssl = { rejectUnauthorized: true };
    const { running, connection, log } = client({ ssl });
    const canceled = cancelStatement(running);
    expect(log[0]).toEqual(['new', { ...plain, ssl }]);
    connection.emit('connect');
    expect(log.slice(2)).toEqual(['requestSsl']);
    connection.emit('sslconnect');
    expect(log.slice(3)).toEqual([['cancel', 42, 4711]]);
    connection.emit('end');
    await canceled;
  });

  it('does not request TLS if its negotiation is direct', async () => {
    const { running, connection, log } = client({ ssl: true, sslNegotiation: 'direct' });
    const canceled = cancelStatement(running);
    expect(log[0]).toEqual(['new', { ...plain, ssl: true, sslnegotiation: 'direct' }]);
    connection.emit('connect');
    expect(log.slice(2)).toEqual([]);
    connection.emit('sslconnect');
    expect(log.slice(2)).toEqual([['cancel', 42, 4711]]);
    connection.emit('end');
    await canceled;
  });

  it('connects to a Unix socket', async () => {
    const { running, connection, log } = client({ host: '/run/postgresql' });
    const canceled = cancelStatement(running);
    expect(log[1]).toEqual(['connect', '/run/postgresql/.s.PGSQL.5433']);
    connection.emit('end');
    await canceled;
  });

  it('resolves if the server is unreachable or does not respond for a second', async () => {
    const refused = client();
    const canceled = cancelStatement(refused.running);
    refused.connection.emit('error', new Error('ECONNREFUSED'));
    await canceled;

    const silent = client();
    const timedOut = cancelStatement(silent.running);
    const [[ms, late]] = silent.stream.setTimeout.mock.calls as [[number, () => void]];
    expect(ms).toBe(1_000);
    late();
    await timedOut;
  });

  it('sends nothing without a connected client of pg', async () => {
    await cancelStatement({});
    for (const processID of [null, 0]) {
      const { running, log } = client({ processID });
      await cancelStatement(running);
      expect(log).toEqual([]);
    }
  });
});

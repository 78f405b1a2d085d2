import { EventEmitter } from 'node:events';
import { cancelStatement } from './cancel-statement';

/** A client of `pg`; each that is made like it logs what it is asked for. */
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
  const running = {
    host: 'db.example',
    port: 5433,
    ssl: false,
    sslNegotiation: 'postgres',
    processID: 42,
    secretKey: 4711,
    ...own,
  };
  const asked = Object.assign(Object.create(Client.prototype), { connection, ...running });
  return { asked, connection, stream, log };
}

const plain = { host: 'db.example', port: 5433, ssl: false, sslnegotiation: 'postgres' };

describe('cancelStatement', () => {
  it('asks by a connection of its own, and waits until the server has closed that', async () => {
    const { asked, connection, log } = client();
    let isDone = false;
    const cancelled = cancelStatement(asked).then(() => (isDone = true));
    expect(log).toEqual([
      ['new', plain],
      ['connect', 5433, 'db.example'],
    ]);
    connection.emit('connect');
    expect(log.slice(2)).toEqual([['cancel', 42, 4711]]);
    await new Promise((resolve) => setImmediate(resolve));
    expect(isDone).toBe(false);
    connection.emit('end');
    await cancelled;
  });

  it('asks for TLS first where the client has it', async () => {
    const ssl = { rejectUnauthorized: true };
    const { asked, connection, log } = client({ ssl });
    const cancelled = cancelStatement(asked);
    expect(log[0]).toEqual(['new', { ...plain, ssl }]);
    connection.emit('connect');
    expect(log.slice(2)).toEqual(['requestSsl']);
    connection.emit('sslconnect');
    expect(log.slice(3)).toEqual([['cancel', 42, 4711]]);
    connection.emit('end');
    await cancelled;
  });

  it('does not ask for TLS where that comes by itself', async () => {
    const { asked, connection, log } = client({ ssl: true, sslNegotiation: 'direct' });
    const cancelled = cancelStatement(asked);
    expect(log[0]).toEqual(['new', { ...plain, ssl: true, sslnegotiation: 'direct' }]);
    connection.emit('connect');
    expect(log.slice(2)).toEqual([]);
    connection.emit('sslconnect');
    expect(log.slice(2)).toEqual([['cancel', 42, 4711]]);
    connection.emit('end');
    await cancelled;
  });

  it('finds a socket in a directory', async () => {
    const { asked, connection, log } = client({ host: '/run/postgresql' });
    const cancelled = cancelStatement(asked);
    expect(log[1]).toEqual(['connect', '/run/postgresql/.s.PGSQL.5433']);
    connection.emit('end');
    await cancelled;
  });

  it('is done where the server can not be reached, or does not answer for a second', async () => {
    const refused = client();
    const cancelled = cancelStatement(refused.asked);
    refused.connection.emit('error', new Error('ECONNREFUSED'));
    await cancelled;

    const silent = client();
    const given = cancelStatement(silent.asked);
    const [[ms, late]] = silent.stream.setTimeout.mock.calls as [[number, () => void]];
    expect(ms).toBe(1_000);
    late();
    await given;
  });

  it('asks for nothing without a client of pg that has begun', async () => {
    await cancelStatement({});
    for (const processID of [null, 0]) {
      const { asked, log } = client({ processID });
      await cancelStatement(asked);
      expect(log).toEqual([]);
    }
  });
});

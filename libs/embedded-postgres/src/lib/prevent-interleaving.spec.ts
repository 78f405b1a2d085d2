import type { PGlite } from '@electric-sql/pglite';
import { preventInterleaving } from './prevent-interleaving';

const OPTIONS = { onRawData: () => {} };

describe('preventInterleaving', () => {
  /** Wraps a database that records its calls. */
  function createWrapped() {
    const calls: unknown[][] = [];
    const state = { inTransaction: false };
    const database = {
      isInTransaction: () => state.inTransaction,
      execProtocolRawStream: (...parameters: unknown[]) => calls.push(['message', ...parameters]),
      exec: (...parameters: unknown[]) => calls.push(['exec', ...parameters]),
      close() {
        return this === database;
      },
      debug: 3,
    };
    const wrapped = preventInterleaving(database as unknown as PGlite);
    const send = (type: string) => wrapped.execProtocolRawStream(Buffer.from(`${type}\0`), OPTIONS);
    return { wrapped, send, calls, state };
  }

  it.each(['P', 'B', 'D', 'E', 'C', 'H'])(
    'reports a transaction from message %s until the query ends',
    (type) => {
      const { wrapped, send } = createWrapped();
      expect(wrapped.isInTransaction()).toBe(false);
      for (const end of ['S', 'Q']) {
        send(type);
        expect(wrapped.isInTransaction()).toBe(true);
        send(end);
        expect(wrapped.isInTransaction()).toBe(false);
      }
    },
  );

  it('ignores other messages', () => {
    const { wrapped, send } = createWrapped();
    // COPY messages, and a password.
    for (const type of ['d', 'c', 'f', 'p']) {
      send(type);
      expect(wrapped.isInTransaction()).toBe(false);
    }
    send('P');
    for (const type of ['d', 'c', 'f', 'p']) send(type);
    expect(wrapped.isInTransaction()).toBe(true);
  });

  it("reports the database's own transaction", () => {
    const { wrapped, send, state } = createWrapped();
    state.inTransaction = true;
    expect(wrapped.isInTransaction()).toBe(true);
    send('S');
    expect(wrapped.isInTransaction()).toBe(true);
  });

  it('discards an unfinished query when its lost connection is rolled back', () => {
    const { wrapped, send, calls } = createWrapped();
    send('P');
    void wrapped.exec('ROLLBACK', { rowMode: 'array' });
    expect(wrapped.isInTransaction()).toBe(false);
    expect(calls.at(-1)).toEqual(['exec', 'ROLLBACK', { rowMode: 'array' }]);
  });

  it('forwards messages and everything else to the database', () => {
    const { wrapped, send, calls } = createWrapped();
    send('P');
    expect(calls).toEqual([['message', Buffer.from('P\0'), OPTIONS]]);
    expect(wrapped.close()).toBe(true);
    expect(wrapped.debug).toBe(3);
  });
});

import type { PGlite } from '@electric-sql/pglite';

/** The first bytes of the messages that end a query: Query and Sync (PostgreSQL protocol 3.0, "Message Formats"). */
const ENDS_A_QUERY = new Set(['Q', 'S'].map((type) => type.charCodeAt(0)));
/** Parse, Bind, Describe, Execute, Close and Flush: a query under way. */
const GOES_ON = new Set(['P', 'B', 'D', 'E', 'C', 'H'].map((type) => type.charCodeAt(0)));

/**
 * PGlite's socket server queues messages one by one, so another connection's Parse may slip between a connection's Parse
 * and its Bind, and the connection is then answered for the other's statement. The queue does stay with one
 * connection while a transaction is open. This shows it a database that also counts an unfinished query as one.
 */
export function keepQueriesWhole(database: PGlite): PGlite {
  let queryUnderWay = false;
  const overrides: Pick<PGlite, 'isInTransaction' | 'execProtocolRawStream' | 'exec'> = {
    isInTransaction: () => queryUnderWay || database.isInTransaction(),
    execProtocolRawStream: (message, options) => {
      const type = message[0] as number;
      if (GOES_ON.has(type)) queryUnderWay = true;
      else if (ENDS_A_QUERY.has(type)) queryUnderWay = false;
      return database.execProtocolRawStream(message, options);
    },
    // What the server calls to roll back when a connection goes away in the middle.
    exec: (...parameters) => {
      queryUnderWay = false;
      return database.exec(...parameters);
    },
  };
  return new Proxy(database, {
    get(target, property) {
      const value: unknown = Reflect.get(property in overrides ? overrides : target, property);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

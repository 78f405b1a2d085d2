import type { PGlite } from '@electric-sql/pglite';

/** The types of messages that end a query: Query and Sync (PostgreSQL protocol 3.0, "Message Formats"). */
const ENDS_QUERY = new Set(['Q', 'S'].map((type) => type.charCodeAt(0)));
/** The types of messages within a query: Parse, Bind, Describe, Execute, Close and Flush. */
const CONTINUES_QUERY = new Set(['P', 'B', 'D', 'E', 'C', 'H'].map((type) => type.charCodeAt(0)));

/**
 * Wraps a database so that the queries of different connections don't interleave.
 *
 * PGlite's socket server queues single messages. Another connection's Parse can come between a connection's
 * Parse and Bind, which then gets the result of the wrong statement. During a transaction, however, the
 * server serves only one connection. So this wrapper also reports an unfinished query as a transaction.
 */
export function preventInterleaving(database: PGlite): PGlite {
  let isQueryOpen = false;
  const overrides: Pick<PGlite, 'isInTransaction' | 'execProtocolRawStream' | 'exec'> = {
    isInTransaction: () => isQueryOpen || database.isInTransaction(),
    execProtocolRawStream: (message, options) => {
      const type = message[0] as number;
      if (CONTINUES_QUERY.has(type)) isQueryOpen = true;
      else if (ENDS_QUERY.has(type)) isQueryOpen = false;
      return database.execProtocolRawStream(message, options);
    },
    // The server calls this to roll back when a connection is lost during a transaction.
    exec: (...parameters) => {
      isQueryOpen = false;
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

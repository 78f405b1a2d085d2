// @needs PostgreSQL server
import { describeEachDatabase } from '@calls/testing';
import { seedCalls } from '@calls/seed-calls';
import * as pg from 'pg';
import { postgresOptions, READERS } from './exporting-host';
import { CALLS, PAGES, pagedHosts, readsPage } from './paged-hosts';

describeEachDatabase(
  'Wrappers of the query method of pg',
  postgresOptions,
  (database) => {
    let expected: string;
    const start = pagedHosts(database);

    beforeAll(async () => {
      await seedCalls(database.dataSource, 1, CALLS);
      const host = await start();
      expected = await host.export();
      await host.close();
    }, 60_000);
    type Query = (this: pg.Client, ...args: unknown[]) => unknown;

    /** Makes all clients query through a wrapper, which gets the statement and calls the driver's `query`. */
    function wrapQuery(wrapper: (query: Query) => Query): void {
      const { query } = pg.Client.prototype as unknown as { query: Query };
      const prototype = pg.Client.prototype as unknown as { query: Query };
      jest.spyOn(prototype, 'query').mockImplementation(wrapper(query));
    }

    describe.each(READERS)('with pages read as %s', (_way, copy) => {
      it("works if a wrapper copies statements and listens to the driver's queries, as AWS X-Ray does", async () => {
        const started: string[] = [];
        const ended: string[] = [];
        wrapQuery(
          (query) =>
            function (this: pg.Client, ...args) {
              const [first, ...others] = args as [
                string | { text: string; values?: unknown[]; callback?: unknown },
              ];
              const { text, values, callback } =
                typeof first === 'string'
                  ? { text: first, values: undefined, callback: undefined }
                  : first;
              const one = {
                text,
                values: values ?? others.find(Array.isArray),
                callback: callback ?? others.find((arg) => typeof arg === 'function'),
              };
              started.push(text);
              const result = query.call(this, one);
              const { activeQuery, queryQueue } = this as unknown as {
                activeQuery: NodeJS.EventEmitter;
                queryQueue: NodeJS.EventEmitter[];
              };
              const made = queryQueue.at(-1) ?? activeQuery;
              for (const event of ['end', 'error']) made.on(event, () => ended.push(text));
              return result;
            },
        );
        const host = await start({ copy });
        expect(await host.export()).toBe(expected);
        expect(await host.count()).toBe(CALLS);
        await host.close();
        expect(started.filter(readsPage).length).toBeGreaterThanOrEqual(PAGES);
        // Concurrent statements may end in another order.
        expect([...ended].sort()).toEqual([...started].sort());
      });

      it('works if a wrapper adds comments to statements, as sqlcommenter does', async () => {
        const commented: string[] = [];
        const withComment = (text: string) => {
          commented.push(text);
          return `${text} /*route='%2Fcalls%2Fexport',framework='nestjs'*/`;
        };
        wrapQuery(
          (query) =>
            function (this: pg.Client, first, ...others) {
              const object = first as { text: string };
              const statement =
                typeof first === 'string'
                  ? withComment(first)
                  : { ...object, text: withComment(object.text) };
              return query.call(this, statement, ...others);
            },
        );
        const host = await start({ copy });
        expect(await host.export()).toBe(expected);
        expect(await host.count()).toBe(CALLS);
        await host.close();
        expect(commented.filter(readsPage).length).toBeGreaterThanOrEqual(PAGES);
      });
    });
  },
  ['PostgreSQL server'],
);

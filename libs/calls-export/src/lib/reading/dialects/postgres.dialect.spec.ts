import { EventEmitter } from 'node:events';
import type { DataSource, QueryRunner } from 'typeorm';
import type { CallsEntities } from '../../entities/calls-entities';
import type { ColumnMetadata } from '../../entities/column-use';
import { PostgresColumns } from '../postgres/postgres-columns';
import { LOCAL_CLOCK } from '../wall-clock';
import type { Driver } from './dialect';
import { postgresIndexes } from './postgres-indexes';
import { PostgresDialect } from './postgres.dialect';

const postgres = new PostgresDialect(true);

/** Logs the statements; those that match `failing` fail. */
function session(failing?: RegExp) {
  const log: string[] = [];
  const query = async (sql: string, parameters?: unknown[]) => {
    const line = sql.replace(/\s+/g, ' ') + (parameters ? ` ${JSON.stringify(parameters)}` : '');
    log.push(line);
    if (failing?.test(sql)) throw new Error(`failed: ${sql}`);
  };
  return { runner: { query } as unknown as QueryRunner, log };
}

const OUTPUT = "BEGIN; SET LOCAL TimeZone = 'UTC'; SET LOCAL DateStyle = 'ISO';";

/** A fake client of pg that records its cancel requests. */
const canceled: unknown[] = [];
class Client {
  readonly host = 'db';
  readonly port = 5432;
  readonly ssl = false;
  readonly processID = 7;
  readonly secretKey = 8;
  readonly escapeLiteral = (text: string) => `'${text}'`;
  readonly connection = Object.assign(new EventEmitter(), {
    stream: { setTimeout: () => {} },
    connect: () => this.connection.emit('connect'),
    cancel: (...of: unknown[]) => {
      canceled.push(of);
      this.connection.emit('end');
    },
  });
}

describe('PostgresDialect', () => {
  it('has session variables, and COPY only if it is enabled', () => {
    const { hasSettings, scansByAssistant, mayCopy, indexes } = postgres;
    expect({ hasSettings, scansByAssistant, mayCopy }).toEqual({
      hasSettings: true,
      scansByAssistant: true,
      mayCopy: true,
    });
    expect(new PostgresDialect(false).mayCopy).toBe(false);
    expect(indexes).toBe(postgresIndexes);
  });

  it('finds integer keys in a list of bigint', () => {
    expect(postgres.isOneOf('call.assistant', 'integer')).toBe(
      'call.assistant = ANY(CAST(:some AS bigint[]))',
    );
    for (const form of ['uuid', 'text', undefined] as const) {
      expect(postgres.isOneOf('call.assistant', form)).toBe('call.assistant IN (:...some)');
    }
  });

  it('compares text byte by byte; padded text also in the form that is sent', () => {
    const plain = 'CAST(call.x AS text) COLLATE "C" = :text';
    expect(postgres.isText('call.x', ':text', 'loose')).toBe(plain);
    expect(postgres.isText('call.x', ':text', 'exact')).toBe(plain);
    expect(postgres.isText('call.x', ':text', 'padded')).toBe(
      `(${plain} OR concat(call.x) COLLATE "C" = :text)`,
    );
  });

  it('reads the pool size from poolSize and extra.max', () => {
    const size = (options: object) => postgres.poolSize({ options } as DataSource);
    expect(size({})).toBe(10);
    expect(size({ poolSize: 4 })).toBe(4);
    expect(size({ poolSize: 4, extra: { max: 7 } })).toBe(7);
    expect(size({ extra: { connectionLimit: 7 } })).toBe(10);
  });

  it('limits a driver to one replica', () => {
    const driver = { slaves: ['a', 'b', 'c'], master: 'm' } as unknown as Driver;
    expect(postgres.onReplica(driver, 1)).toMatchObject({ slaves: ['b'], master: 'm' });
    expect(driver).toMatchObject({ slaves: ['a', 'b', 'c'] });
  });

  it('cancels a statement by process id, and abandons a connection by closing it', async () => {
    await postgres.cancel(new Client());
    expect(canceled).toEqual([[7, 8]]);
    const end = jest.fn();
    postgres.abandon({ end });
    expect(end).toHaveBeenCalledTimes(1);
    expect(() => postgres.abandon({})).not.toThrow();
  });
});

describe('PostgresDialect.transaction', () => {
  const PLANS =
    ' SET LOCAL enable_sort = off; SET LOCAL enable_bitmapscan = off;' +
    ' SET LOCAL max_parallel_workers_per_gather = 0; SET LOCAL jit = off;';

  it.each([
    [true, `${OUTPUT}${PLANS}`],
    [false, OUTPUT],
  ])('applies the settings of an export (with COPY: %s)', async (mayCopy, begin) => {
    const { runner, log } = session();
    const work = async () => {
      log.push('work');
      return 'done';
    };
    expect(await new PostgresDialect(mayCopy).transaction(runner, {}, work)).toBe('done');
    expect(log).toEqual([begin, 'work', 'COMMIT']);
  });

  it('sets the session variables', async () => {
    const { runner, log } = session();
    const settings = { 'app.tenant': '42', 'app.role': "it's" };
    await postgres.transaction(runner, settings, async () => log.push('work'));
    expect(log.slice(1)).toEqual([
      `SELECT set_config($1, $2, true), set_config($3, $4, true) ["app.tenant","42","app.role","it's"]`,
      'work',
      'COMMIT',
    ]);
  });

  it.each([/BEGIN/, /set_config/, /COMMIT/])('rolls back if %s fails', async (failing) => {
    const { runner, log } = session(failing);
    const work = postgres.transaction(runner, { a: 'b' }, async () => {});
    await expect(work).rejects.toThrow('failed: ');
    expect(log.at(-1)).toBe('ROLLBACK');
    expect(log.at(-2)).toMatch(failing);
  });

  it('rejects with the error of its work even if the rollback fails', async () => {
    const failure = new Error('the work failed');
    for (const failing of [undefined, /ROLLBACK/]) {
      const { runner, log } = session(failing);
      const work = postgres.transaction(runner, {}, () => Promise.reject(failure));
      await expect(work).rejects.toBe(failure);
      expect(log.slice(1)).toEqual(['ROLLBACK']);
    }
  });
});

describe('PostgresDialect.facts', () => {
  const dataSource = { driver: { normalizeType: ({ type }: ColumnMetadata) => type } };
  const entities = { dataSource, usedColumns: () => [] } as unknown as CallsEntities;
  const columnOf = (type: string) => ({ type }) as ColumnMetadata;

  it('come from the server if the driver is pg', async () => {
    const runner = { query: async () => [{ encoding: 'UTF8' }] } as unknown as QueryRunner;
    const facts = await postgres.facts(entities, [], runner, new Client());
    expect(facts).toBeInstanceOf(PostgresColumns);
  });

  it.each([
    ['char', 'padded', undefined],
    ['character', 'padded', undefined],
    ['inet', 'padded', undefined],
    ['cidr', 'padded', undefined],
    ['varchar', 'loose', undefined],
    ['character varying', 'loose', undefined],
    ['text', 'loose', undefined],
    ['integer', 'loose', undefined],
    ['timestamp without time zone', 'loose', LOCAL_CLOCK],
    ['timestamp with time zone', 'loose', undefined],
  ])('come from the entity with another driver: %s', async (type, equality, clock) => {
    const facts = await postgres.facts(entities, [], {} as QueryRunner, {});
    expect(facts.equality(columnOf(type))).toBe(equality);
    expect(facts.clock(columnOf(type))).toBe(clock);
  });
});

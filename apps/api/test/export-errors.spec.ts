import { seedCalls } from '@calls/seed-calls';
import { describeEachDatabase } from '@calls/testing';
import { dataSourceOptions } from '../src/data-source-options';
import { type Api, bearer, startApi } from './start-api';

const CALLS = 20_000;

describeEachDatabase('A database error during an export', dataSourceOptions, (database) => {
  let api: Api;
  beforeAll(async () => {
    api = await startApi(database.url);
  });
  afterAll(() => api.close());
  beforeEach(() =>
    database.dataSource.query('TRUNCATE calls, assistants RESTART IDENTITY CASCADE'),
  );

  /** Replaces the table with a view that divides by zero for one of the calls. */
  async function failAt(id: number): Promise<void> {
    const { dataSource } = database;
    await seedCalls(dataSource, 1, CALLS);
    await dataSource.query('ALTER TABLE calls RENAME TO healthy_calls');
    await dataSource.query(
      `CREATE VIEW calls AS
         SELECT id, account_id, call_sid, assistant_id, customer_phone_number, status,
                CASE WHEN id = ${id} THEN (1 / (id - ${id}))::int ELSE duration END AS duration, started_at, ended_at
         FROM healthy_calls`,
    );
  }

  afterEach(async () => {
    await database.dataSource.query('DROP VIEW calls');
    await database.dataSource.query('ALTER TABLE healthy_calls RENAME TO calls');
  });

  it.each([
    ['csv', 'identity'],
    ['json', 'identity'],
    ['csv', 'gzip'],
    ['json', 'gzip'],
  ])('after the first byte resets the connection (%s, %s)', async (format, encoding) => {
    await failAt(CALLS);
    const response = await api.export({ format }, { ...bearer(1), 'accept-encoding': encoding });
    expect(response.status).toBe(200);
    let received = 0;
    const read = async () => {
      for await (const chunk of response.body ?? []) received += chunk.length;
    };
    await expect(read()).rejects.toThrow('terminated');
    // The server sends as it reads: the calls before the error have arrived.
    expect(received).toBeGreaterThan(100_000);
  });

  it('before the first byte returns a 500 without internal details', async () => {
    await failAt(1);
    const response = await api.export();
    expect(response.status).toBe(500);
    expect(response.headers.get('content-disposition')).toBeNull();
    expect(await response.json()).toEqual({
      statusCode: 500,
      message: 'Internal server error',
      requestId: response.headers.get('x-request-id'),
    });
  });
});

import type { DataSource } from 'typeorm';
import { Connections, DatabaseTimeoutError } from './connections';
import type { Dialect } from './dialects/dialect';

function pool() {
  const log: string[] = [];
  const connection = {};
  const dataSource = {
    createQueryRunner: (mode: string) => ({
      connect: async () => {
        log.push(`connect ${mode}`);
        return connection;
      },
      release: async () => void log.push('release'),
    }),
  };
  const dialect = {
    abandon: (abandoned: unknown) => log.push(`abandon ${abandoned === connection}`),
  };
  const connections = new Connections(
    dataSource as unknown as DataSource,
    dialect as unknown as Dialect,
    0.02,
  );
  return { connections, connection, log };
}

describe('Connections', () => {
  it('lends one, of a replica where there is one, and gives it back', async () => {
    const { connections, connection, log } = pool();
    expect(await connections.use(async (_, lent) => lent)).toBe(connection);
    expect(log).toEqual(['connect slave', 'release']);
  });

  it('gives it back where the work fails', async () => {
    const { connections, log } = pool();
    const failure = new Error('no such table');
    await expect(connections.use(() => Promise.reject(failure))).rejects.toBe(failure);
    expect(log).toEqual(['connect slave', 'release']);
  });

  it('closes it where the database does not answer in time', async () => {
    const { connections, log } = pool();
    const late: unknown = await connections
      .use(() => new Promise<never>(() => {}))
      .catch((error: unknown) => error);
    expect(late).toBeInstanceOf(DatabaseTimeoutError);
    expect(String(late)).toContain('The database has not answered for 0.02 seconds');
    expect(log).toEqual(['connect slave', 'abandon true', 'release']);
  });
});

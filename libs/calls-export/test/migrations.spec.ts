import { describeEachDatabase } from '@calls/testing';
import { postgresOptions } from './exporting-host';

describeEachDatabase('The migrations', postgresOptions, (database) => {
  it('make the schema that the entities describe', async () => {
    const { upQueries } = await database.dataSource.driver.createSchemaBuilder().log();
    expect(upQueries.map(({ query }) => query)).toEqual([]);
  });

  it('can be undone and made again', async () => {
    await database.dataSource.undoLastMigration();
    expect(await database.dataSource.query(`SELECT to_regclass('calls') AS calls`)).toEqual([
      { calls: null },
    ]);
    await database.dataSource.runMigrations();
  });
});

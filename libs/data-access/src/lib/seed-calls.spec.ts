import { describeEachDatabase } from '@calls/testing';
import { dataSourceOptions } from './data-source-options';
import { seedCalls } from './seed-calls';

describeEachDatabase('seedCalls', dataSourceOptions, (database) => {
  it('adds as many calls as asked for, in batches, to that account alone', async () => {
    const progress: number[] = [];
    await seedCalls(database.dataSource, 7, 20_001, (added) => progress.push(added));

    expect(progress).toEqual([20_000, 20_001]);
    expect(
      await database.dataSource.query(
        `SELECT account_id, count(*)::int, count(DISTINCT status)::int AS statuses,
                bool_or(status = 'completed' AND ended_at < started_at) AS ended_before_start
         FROM calls GROUP BY account_id`,
      ),
    ).toEqual([{ account_id: 7, count: 20_001, statuses: 9, ended_before_start: false }]);
  }, 60_000);
});

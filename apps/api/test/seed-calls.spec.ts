import { describeEachDatabase } from '@calls/testing';
import { seedCalls } from '@calls/seed-calls';
import { dataSourceOptions } from '../src/data-source-options';

describeEachDatabase('seedCalls', dataSourceOptions, (database) => {
  it('adds the requested number of calls to the account, in batches', async () => {
    const progress: number[] = [];
    await seedCalls(database.dataSource, 7, 20_001, (added) => progress.push(added));

    expect(progress).toEqual([20_000, 20_001]);
    expect(
      await database.dataSource.query(
        `SELECT account_id, count(*)::int, 
                array_agg(DISTINCT status::text) @> '{completed,no-answer,busy,failed,canceled}' AS every_end,
                bool_or(status IN ('queued', 'initiated', 'ringing', 'in-progress')) AS some_running,
                bool_or(status = 'completed' AND ended_at < started_at) AS ended_before_start
         FROM calls GROUP BY account_id`,
      ),
    ).toEqual([
      {
        account_id: 7,
        count: 20_001,
        every_end: true,
        some_running: true,
        ended_before_start: false,
      },
    ]);
  }, 60_000);
});

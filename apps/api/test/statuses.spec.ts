import { describeEachDatabase } from '@calls/testing';
import { CALL_STATUSES } from 'nestjs-calls-export';
import { dataSourceOptions } from '../src/data-source-options';
import { loadDemoData } from '../src/demo-data';
import type { Environment } from '../src/environment';
import { type Api, startApi } from './start-api';

interface Call {
  readonly status: string;
  readonly duration: number | null;
  readonly started_at: string | null;
  readonly ended_at: string | null;
}

describeEachDatabase('The statuses of calls', dataSourceOptions, (database) => {
  let api: Api | undefined;
  beforeAll(() => loadDemoData(database.dataSource));
  afterEach(() => api?.close());

  const start = async (settings: Partial<Environment> = {}) =>
    (api = await startApi(database.url, settings));
  const calls = async (query: string) =>
    (await (await (api as Api).export(`format=json&${query}`)).json()) as Call[];
  const refusal = async (status: string) => {
    const response = await (api as Api).export({ status });
    return [response.status, ((await response.json()) as { message: unknown }).message];
  };
  const documented = async () => {
    const document = (await (await fetch(`${(api as Api).url}/docs-json`)).json()) as {
      paths: Record<
        string,
        { get: { parameters: { name: string; schema: { enum: string[] } }[] } }
      >;
    };
    const { parameters } = document.paths['/api/v1/calls/export']?.get ?? {};
    return parameters?.find(({ name }) => name === 'status')?.schema.enum;
  };

  it('default to those of the library, including ongoing', async () => {
    await start();
    const ongoing = await calls('status=ongoing');
    expect(ongoing).toHaveLength(5);
    for (const call of ongoing) {
      expect(call).toMatchObject({ status: 'ongoing', duration: null, ended_at: null });
      expect(call.started_at).not.toBeNull();
    }
    expect(await documented()).toEqual([...CALL_STATUSES]);
  });

  it('are those of CALL_STATUSES if it is set', async () => {
    await start({ CALL_STATUSES: ' ongoing,completed , on hold,completed' });
    const list = ['ongoing', 'completed', 'on hold'];
    expect(await calls('status=ongoing')).toHaveLength(5);
    expect((await calls('status=completed')).length).toBeGreaterThan(1000);
    expect(await calls('status=on+hold')).toEqual([]);
    expect(await refusal('busy')).toEqual([400, [`status must be one of ${list.join(', ')}`]]);
    expect(await documented()).toEqual(list);
    // The export without a filter still has all calls.
    expect((await calls('')).map(({ status }) => status)).toContain('busy');
  });
});

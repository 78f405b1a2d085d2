import type { BadRequestException } from '@nestjs/common';
import type { IdRule } from '../entities/calls-entities';
import type { ResolvedOptions } from '../options/calls-export-options';
import type { CallsSourceRegistry } from '../reading/calls-source-registry';
import { TimeZone } from '../model/time-zone';
import { DateInterval } from './date-interval';
import { ExportCallsQueryPipe } from './export-calls-query.pipe';

// The pipe's dependencies are passed in, so their modules need not be loaded.
jest.mock('../reading/calls-source-registry', () => ({ CallsSourceRegistry: class {} }));
jest.mock('../options/calls-export-options', () => ({ RESOLVED_OPTIONS: Symbol('options') }));

const IDS: IdRule = { form: 'integer', min: 1n, max: 100n };

function pipeOf(assistantIds: IdRule | undefined, ...hostParameters: string[]) {
  return new ExportCallsQueryPipe(
    ['completed', 'failed'],
    { callIds: IDS, assistantIds } as CallsSourceRegistry,
    { hostParameters: hostParameters as readonly string[] } as ResolvedOptions,
  );
}

async function faultsOf(query: object, pipe = pipeOf(IDS)): Promise<unknown> {
  const error = await pipe.transform(query).then(
    () => undefined,
    (thrown: BadRequestException) => thrown,
  );
  const response = error?.getResponse() as { statusCode: number; message: unknown };
  expect(response?.statusCode).toBe(400);
  return response.message;
}

describe('ExportCallsQueryPipe', () => {
  it('parses each parameter', async () => {
    const query = await pipeOf(IDS).transform({
      format: 'json',
      status: 'failed',
      assistant_id: '7',
      date_from: '2023-10-30',
      timezone: 'Europe/Berlin',
      after: '99',
    });
    const zone = TimeZone.of('Europe/Berlin');
    expect({ ...query }).toEqual({
      format: 'json',
      status: 'failed',
      assistant_id: 7,
      date_from: DateInterval.parse('2023-10-30', zone),
      timezone: zone,
      after: 99,
    });
  });

  it('accepts an empty query', async () => {
    expect({ ...(await pipeOf(IDS).transform({})) }).toEqual({});
  });

  it('rejects each unknown parameter and lists the valid ones', async () => {
    const rest = 'is not a parameter of the export; valid parameters are format, status';
    const all = `${rest}, assistant_id, date_from, date_to, timezone, after`;
    expect(await faultsOf({ x: '1', format: 'json', 'status[a]': 'b', after: 'x' })).toEqual([
      `x ${all}`,
      `status[a] ${all}`,
    ]);
    expect(await faultsOf(JSON.parse('{"__proto__":1,"constructor":2}'))).toEqual([
      `__proto__ ${all}`,
      `constructor ${all}`,
    ]);
    expect(await faultsOf({ assistant_id: '7' }, pipeOf(undefined))).toEqual([
      `assistant_id ${rest}, date_from, date_to, timezone, after`,
    ]);
  });

  it("removes the host app's parameters without validating them", async () => {
    const pipe = pipeOf(IDS, 'tenant', 'status');
    const query = { tenant: 'a', 'tenant[b]': 'c', status: 'unknown', format: 'csv' };
    expect({ ...(await pipe.transform(query)) }).toEqual({ format: 'csv' });
  });

  it('reports each invalid parameter, in the order of the parameters', async () => {
    const faults = await faultsOf({
      after: 'x',
      timezone: 'Mars',
      assistant_id: ['1', '2'],
      status: 'busy',
      format: 'pdf',
    });
    expect(faults).toEqual([
      'format must be one of csv, json, ndjson, xlsx',
      'status must be one of completed, failed',
      'assistant_id must be given only once',
      'timezone must be an IANA time zone name such as Europe/Berlin',
      'after must be an integer from 1 to 100',
    ]);
  });

  it('rejects a date_from after date_to, and accepts equal dates', async () => {
    const query = { date_from: '2023-10-31', date_to: '2023-10-30' };
    expect(await faultsOf(query)).toEqual(['date_from must not be after date_to']);
    const same = await pipeOf(IDS).transform({ date_from: '2023-10-30', date_to: '2023-10-30' });
    expect(same.date_to).toEqual(same.date_from);
  });
});

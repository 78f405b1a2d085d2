import { TypeOrmModule } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { Call, CallsExportModule } from '../src';
import { closeHosts, ENTITIES, HEADER_OPTIONS, memory, startHost } from './small-host';

afterEach(closeHosts);

describe('A host', () => {
  class Unregistered {}
  it.each<[wrong: object, sentence: string]>([
    [{ pagesize: 5 }, 'Unknown CallsExportModule option pagesize. Accepted here: findAccount, '],
    [{ toString: 5 }, 'Unknown CallsExportModule option toString'],
    [{ pageSize: 0 }, 'option pageSize must be an integer from 1 to 50000, got 0'],
    [{ pageSize: '5' }, "option pageSize must be an integer from 1 to 50000, got '5'"],
    [{ formulaGuard: 'no' }, "option formulaGuard must be true or false, got 'no'"],
    [{ byteOrderMark: 1 }, 'option byteOrderMark must be true or false, got 1'],
    [{ delimiter: ' ' }, "option delimiter must be one of ',', ';', '\\t' and '|', got ' '"],
    [{ findAccount: 'sub' }, "option findAccount must be a function, got 'sub'"],
    [{ maxConcurrent: 1.5 }, 'option maxConcurrent must be an integer from 1 to'],
    [{ maxPerAccount: -1 }, 'option maxPerAccount must be an integer from 1 to'],
    [{ retryTimeout: NaN }, 'option retryTimeout must be a number of seconds from 0 to'],
    [{ queryTimeout: 0 }, 'option queryTimeout must be a number of seconds from 0.1 to'],
    [{ idleTimeout: 0 }, 'option idleTimeout must be a number of seconds from 0.1 to'],
    [
      { maxDuration: 0 },
      'option maxDuration must be a number of seconds from 0.1 to 86400, or Infinity',
    ],
    [{ countTimeout: Infinity }, 'option countTimeout must be a number of seconds from 0.1 to'],
    [{ acceptHttp10: 1 }, 'option acceptHttp10 must be true or false, got 1'],
    [{ pageMemory: 0.5 }, 'option pageMemory must be an integer from 1 to'],
    [{ copy: 'no' }, "option copy must be true or false, got 'no'"],
    [{ primaryFallback: 1 }, 'option primaryFallback must be true or false, got 1'],
    [{ onExportEnd: 'log' }, "option onExportEnd must be a function, got 'log'"],
    [{ path: '' }, "option path must be a path such as calls/export, got ''"],
    [{ guards: ['jwt'] }, 'option guards must be a list of guards'],
    [{ dataSource: 5 }, 'option dataSource must be the name of a DataSource, { token }, or a '],
    ...['voicemail', null, [''], {}, { only: [] }, { only: ['busy', ''] }, { only: 'busy' }].map<
      [object, string]
    >((statuses) => [
      { statuses },
      'option statuses must be a list of non-empty strings, or { only } with at least one such string, got ',
    ]),
    [{ calls: Call }, 'option calls must be an object with entity'],
    [
      { calls: { entity: Unregistered } },
      'the DataSource has no entity Unregistered: add it to its',
    ],
    [
      { calls: { ...ENTITIES.calls, properties: { sid: 'callSid' } } },
      'unknown field sid in the properties of Call, expected one of id, accountId, callSid, ',
    ],
    [
      { calls: { ...ENTITIES.calls, properties: { callSid: 'sid' } } },
      "Call has no property sid; map the field with properties: { callSid: '…' }",
    ],
    [
      { calls: { ...ENTITIES.calls, properties: { startedAt: 'status' } } },
      'Call.status must be a timestamp column, got varchar',
    ],
  ])('does not start with an invalid option (case %#)', async (wrong, sentence) => {
    const starting = async () =>
      startHost([
        memory(undefined, 1, false),
        CallsExportModule.forRoot({ ...HEADER_OPTIONS, ...wrong }),
      ]);
    await expect(starting()).rejects.toThrow(sentence);
  });

  it('does not start on an unsupported database', async () => {
    const oracle = TypeOrmModule.forRootAsync({
      useFactory: () => ({ type: 'sqljs', synchronize: true, autoLoadEntities: true }),
      dataSourceFactory: async (settings) => {
        const dataSource = await new DataSource(settings as never).initialize();
        const type = 'oracle';
        return Object.defineProperty(dataSource, 'options', {
          value: { ...dataSource.options, type },
        });
      },
    });
    await expect(startHost([oracle, CallsExportModule.forRoot(HEADER_OPTIONS)])).rejects.toThrow(
      'CallsExportModule does not support the database type oracle, expected one of postgres, ',
    );
  });

  it('does not start if forRootAsync gets an option that only its factory can return', () => {
    const wrong = { useFactory: () => ({}), pageSize: 5 };
    expect(() => CallsExportModule.forRootAsync(wrong)).toThrow(
      'CallsExportModule.forRootAsync does not accept option pageSize next to its factory. Accepted there: path, guards, ',
    );
  });
});

import { Controller, Get, type INestApplication, Query, ValidationPipe } from '@nestjs/common';
import * as hostTransformer from 'class-transformer';
import * as hostValidator from 'class-validator';

/** The packages of which a process has only one copy. */
const SHARED = [
  '@nestjs/common',
  '@nestjs/core',
  '@nestjs/passport',
  '@nestjs/platform-express',
  '@nestjs/platform-fastify',
  '@nestjs/swagger',
  '@nestjs/typeorm',
  'typeorm',
].map((name) => [name, require(name) as object] as const);

class HostQuery {
  @hostTransformer.Transform(({ value }) => Number(value) * 2)
  @hostValidator.IsInt()
  readonly number!: number;
}

@Controller('host')
class HostController {
  @Get()
  double(@Query() { number }: HostQuery): object {
    return { number };
  }
}

/** Loads the library with its own copies of all other packages. */
function loadLibrary() {
  let loaded:
    | (typeof import('../src') &
        typeof import('./small-host') & { transformer: object; validator: object })
    | undefined;
  jest.isolateModules(() => {
    for (const [name, copy] of SHARED) jest.doMock(name, () => copy);
    loaded = {
      ...(require('./small-host') as typeof import('./small-host')),
      ...(require('../src') as typeof import('../src')),
      transformer: require('class-transformer'),
      validator: require('class-validator'),
    };
  });
  return loaded as NonNullable<typeof loaded>;
}

const library = loadLibrary();
afterEach(library.closeHosts);

describe.each(library.ADAPTER_NAMES)('On %s', (adapter) => {
  it('the export and the host each validate with their own copy of class-validator', async () => {
    expect(library.transformer).not.toBe(hostTransformer);
    expect(library.validator).not.toBe(hostValidator);
    const { url } = await library.startHost(
      [library.memory(), library.CallsExportModule.forRoot(library.HEADER_OPTIONS)],
      {
        adapter,
        controllers: [HostController],
        configure: (app: INestApplication) =>
          app.useGlobalPipes(new ValidationPipe({ transform: true, whitelist: true })),
      },
    );
    const get = async (path: string) => {
      const response = await fetch(url + path, { headers: library.ACCOUNT_1 });
      return [response.status, await response.json()];
    };
    expect(await get('/calls/export?format=json&status=&assistant_id=')).toMatchObject([
      200,
      [{ call_sid: 'CA of 1' }],
    ]);
    expect(await get('/calls/export?format=json&date_from=2023-10-30&assistant_id=7')).toEqual([
      200,
      [],
    ]);
    expect(await get('/calls/export?format=xml&assistant_id=x')).toMatchObject([
      400,
      {
        message: [
          'format must be one of csv, json, ndjson, xlsx',
          expect.stringContaining('assistant_id must be an integer from 1 to'),
        ],
      },
    ]);
    expect(await get('/host?number=21')).toEqual([200, { number: 42 }]);
    expect((await get('/host?number=x'))[0]).toBe(400);
  });
});

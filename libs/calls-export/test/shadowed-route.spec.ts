import {
  All,
  Controller,
  Get,
  Head,
  type INestApplication,
  Logger,
  Module,
  Param,
  Post,
  type Type,
  Version,
  VersioningType,
} from '@nestjs/common';
import { CallsExportModule } from '../src';
import {
  ACCOUNT_1,
  type Adapter,
  closeHosts,
  HEADER_OPTIONS,
  memory,
  startHost,
} from './small-host';

@Controller('calls')
class CallsController {
  @Get(':id')
  find(@Param('id') id: string): string {
    return `the call ${id}`;
  }
}

let warnings: string[] = [];
beforeEach(() => {
  warnings = [];
  jest.spyOn(Logger.prototype, 'warn').mockImplementation((line) => void warnings.push(line));
});
afterEach(async () => {
  await closeHosts();
  jest.restoreAllMocks();
});

interface Setting {
  readonly adapter?: Adapter;
  readonly configure?: (app: INestApplication) => void;
  readonly isAfter?: boolean;
}

/** Starts a host with the export after or before a module with the controller. */
async function startBeside(
  controller: Type,
  { isAfter = false, ...host }: Setting = {},
  more: Parameters<typeof CallsExportModule.forRoot>[0] = {},
): Promise<string> {
  @Module({ controllers: [controller] })
  class OtherModule {}
  const exportModule = CallsExportModule.forRoot({ ...HEADER_OPTIONS, ...more });
  const order = isAfter ? [exportModule, OtherModule] : [OtherModule, exportModule];
  return (await startHost([memory(), ...order], host)).url;
}

async function answerOf(url: string, headers: Record<string, string> = {}): Promise<string> {
  const response = await fetch(`${url}?format=json`, { headers: { ...ACCOUNT_1, ...headers } });
  return response.text();
}

const WAY_OUT =
  ' and handles its requests. Import CallsExportModule before the module of that route, ' +
  'restrict its parameter, or change the path of the export.';

describe('On Express, the start warns of a route before the export that catches its requests', () => {
  it('and names the route', async () => {
    const url = await startBeside(CallsController);
    expect(await answerOf(`${url}/calls/export`)).toBe('the call export');
    expect(warnings).toEqual([
      `GET /calls/:id (CallsController.find) is registered before GET /calls/export (CallsExportController.export)${WAY_OUT}`,
    ]);
  });

  it('in the module that imports the export', async () => {
    await startHost([memory(), CallsExportModule.forRoot(HEADER_OPTIONS)], {
      controllers: [CallsController],
    });
    expect(warnings).toHaveLength(1);
  });

  it.each<[string, Setting, string]>([
    [
      'a prefix and a version',
      {
        configure: (app) =>
          app
            .setGlobalPrefix('api')
            .enableVersioning({ type: VersioningType.URI, defaultVersion: '3' }),
      },
      'GET /api/v3/calls/:id (CallsController.find) is registered before GET /api/v3/calls/export ',
    ],
    [
      'versions in a header',
      {
        configure: (app) =>
          app.enableVersioning({ type: VersioningType.HEADER, header: 'x-version' }),
      },
      'GET /calls/:id (CallsController.find) is registered before GET /calls/export ',
    ],
  ])('with %s', async (_title, setting, sentence) => {
    await startBeside(CallsController, setting);
    expect(warnings).toEqual([expect.stringContaining(sentence)]);
  });

  it('if both paths have parameters, and the route accepts all methods', async () => {
    @Controller('tenants/:tenant')
    class TenantController {
      @All('*rest')
      all(): string {
        return '';
      }
    }
    await startBeside(TenantController, {}, { path: 'tenants/:id/calls/export' });
    expect(warnings).toEqual([
      expect.stringContaining('/tenants/:tenant/*rest (TenantController.all) is'),
    ]);
  });

  it('if the route accepts only HEAD', async () => {
    @Controller('calls')
    class HeadController {
      @Head(':id')
      head(): void {}
    }
    await startBeside(HeadController);
    expect(warnings).toEqual([expect.stringContaining('HEAD /calls/:id (HeadController.head) is')]);
  });
});

describe('The start does not warn of a route', () => {
  afterEach(() => expect(warnings).toEqual([]));

  it('after the export', async () => {
    const url = await startBeside(CallsController, { isAfter: true });
    expect(await answerOf(`${url}/calls/export`)).toContain('CA of 1');
    expect(await answerOf(`${url}/calls/5`)).toBe('the call 5');
  });

  it('with another path than the export', async () => {
    const url = await startBeside(CallsController, {}, { path: 'exports/calls' });
    expect(await answerOf(`${url}/exports/calls`)).toContain('CA of 1');
  });

  it("that does not match the export's path", async () => {
    @Controller('calls')
    class NarrowController {
      @Get('call-:id')
      narrow(): void {}
      @Get(':id/recordings')
      longer(): void {}
      @Get('{:kind.}json')
      optional(): void {}
    }
    const url = await startBeside(NarrowController);
    expect(await answerOf(`${url}/calls/export`)).toContain('CA of 1');
  });

  it('for other methods', async () => {
    @Controller('calls')
    class PostController {
      @Post(':id')
      post(): void {}
    }
    await startBeside(PostController);
  });

  it('on Fastify, which prefers the more specific route', async () => {
    const url = await startBeside(CallsController, { adapter: 'Fastify' });
    expect(await answerOf(`${url}/calls/export`)).toContain('CA of 1');
  });

  it('of another import of the export', async () => {
    await startHost([
      memory(),
      CallsExportModule.forRoot({ ...HEADER_OPTIONS, path: 'calls/:kind' }),
      CallsExportModule.forRoot(HEADER_OPTIONS),
    ]);
  });

  it.each(['set on its class', 'set on its handler'])(
    'with another version in a header, %s',
    async (where) => {
      @Controller({ path: 'calls', version: '1' })
      class ClassController extends CallsController {}
      @Controller('calls')
      class OwnController {
        @Get(':id')
        @Version(['1', '3'])
        find(): void {}
      }
      const configure = (app: INestApplication) =>
        app.enableVersioning({ type: VersioningType.HEADER, header: 'x-version' });
      const url = await startBeside(
        where === 'set on its handler' ? OwnController : ClassController,
        { configure },
        { decorators: [Version('2')] },
      );
      expect(await answerOf(`${url}/calls/export`, { 'x-version': '2' })).toContain('CA of 1');
    },
  );
});

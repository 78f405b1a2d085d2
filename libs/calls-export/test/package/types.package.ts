import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InstalledHosts, run, SMALLEST, TIMEOUT_MS } from './installed-hosts';

const HOSTS = [
  { title: 'Nest 11 and TypeORM 0.3', nest: 11, typeorm: '0.3' },
  { title: 'Nest 12 and TypeORM 1', nest: 12, typeorm: '1' },
] as const;
/** The `type` in package.json, `module` and `moduleResolution`. */
const SETTINGS = [
  ['commonjs', 'node16', 'node16'],
  ['commonjs', 'nodenext', 'nodenext'],
  ['commonjs', 'preserve', 'bundler'],
  ['module', 'node16', 'node16'],
  ['module', 'nodenext', 'nodenext'],
  ['module', 'esnext', 'bundler'],
] as const;

describe('The type declarations of the package', () => {
  let hosts: InstalledHosts;

  beforeAll(async () => {
    hosts = await InstalledHosts.create();
  }, TIMEOUT_MS);
  afterAll(() => hosts.remove(), TIMEOUT_MS);

  it.each(HOSTS)(
    'compile without skipLibCheck in host apps with $title',
    async ({ nest, typeorm }) => {
      const host = await hosts.install(SMALLEST, { nest, typeorm });
      const settings = SETTINGS.filter(
        // With node16, TypeScript does not let a CommonJS file import Nest 12, which has ES modules only.
        ([type, module]) => !(nest === 12 && type === 'commonjs' && module === 'node16'),
      );
      const outputs: Record<string, string> = {};
      for (const setting of settings) outputs[setting.join(' ')] = await compile(host, setting);
      expect(outputs).toEqual(Object.fromEntries(settings.map((each) => [each.join(' '), ''])));
    },
    TIMEOUT_MS,
  );
});

/** @returns the output of the compiler. */
async function compile(
  host: string,
  [type, module, moduleResolution]: (typeof SETTINGS)[number],
): Promise<string> {
  const folder = join(host, `${type}-${module}`);
  await mkdir(folder);
  await cp(join(__dirname, 'types/consumer.ts'), join(folder, 'consumer.ts'));
  await writeFile(join(folder, 'package.json'), JSON.stringify({ type }));
  const checks = { noEmit: true, skipLibCheck: false, skipDefaultLibCheck: true, lib: ['es2023'] };
  const compilerOptions = { ...checks, module, moduleResolution, rootDir: '.' };
  await writeFile(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ extends: '../tsconfig.json', compilerOptions, include: ['*.ts'] }),
  );
  const compiler = [join(host, 'node_modules/typescript/lib/tsc.js'), '-p', folder];
  const { stdout } = await run(process.execPath, compiler).catch(
    (error: { stdout: string }) => error,
  );
  return stdout;
}

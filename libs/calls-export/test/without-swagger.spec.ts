describe('Without @nestjs/swagger', () => {
  it('the export works, and asks for the package once', async () => {
    let tries = 0;
    let start: (() => Promise<string>) | undefined;
    const common: object = require('@nestjs/common');
    const core: object = require('@nestjs/core');
    jest.isolateModules(() => {
      jest.doMock('@nestjs/common', () => common);
      jest.doMock('@nestjs/core', () => core);
      jest.doMock('@nestjs/swagger', () => {
        tries += 1;
        throw Object.assign(new Error('no swagger'), { code: 'MODULE_NOT_FOUND' });
      });
      const library: typeof import('../src') = require('../src');
      const host: typeof import('./small-host') = require('./small-host');
      start = async () => {
        const imports = ['a', 'b'].map((path) =>
          library.CallsExportModule.forRoot({ ...host.HEADER_OPTIONS, path }),
        );
        const { url } = await host.startHost([host.memory(), ...imports]);
        const response = await fetch(`${url}/b?format=json`, { headers: { 'x-account': '1' } });
        const text = await response.text();
        await host.closeHosts();
        return text;
      };
    });
    expect(await start?.()).toContain('CA of 1');
    expect(tries).toBe(1);
  });
});

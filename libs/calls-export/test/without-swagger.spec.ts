describe('Without @nestjs/swagger', () => {
  it('the export works, and tries to load the package only once', async () => {
    let tries = 0;
    const common: object = require('@nestjs/common');
    const core: object = require('@nestjs/core');
    await jest.isolateModulesAsync(async () => {
      jest.doMock('@nestjs/common', () => common);
      jest.doMock('@nestjs/core', () => core);
      jest.doMock('@nestjs/swagger', () => {
        tries += 1;
        throw Object.assign(new Error('no swagger'), { code: 'MODULE_NOT_FOUND' });
      });
      const library: typeof import('../src') = require('../src');
      const host: typeof import('./small-host') = require('./small-host');
      const imports = ['a', 'b'].map((path) =>
        library.CallsExportModule.forRoot({ ...host.HEADER_OPTIONS, path }),
      );
      const { url } = await host.startHost([host.memory(), ...imports]);
      const response = await fetch(`${url}/b?format=json`, { headers: host.ACCOUNT_1 });
      expect(await response.text()).toContain('CA of 1');
      await host.closeHosts();
    });
    expect(tries).toBe(1);
  });
});

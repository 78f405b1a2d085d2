import { type DynamicModule, Module } from '@nestjs/common';
import { JwtStrategy } from './jwt.strategy';
import { TOKEN_SETTINGS, type TokenSettings } from './token-settings';

/** Registers the `jwt` passport strategy, which the guards of the other modules name. */
@Module({})
export class AuthModule {
  static forRoot(settings: TokenSettings): DynamicModule {
    return {
      module: AuthModule,
      providers: [{ provide: TOKEN_SETTINGS, useValue: settings }, JwtStrategy],
    };
  }
}

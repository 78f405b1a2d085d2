import { HttpException, Injectable, UnauthorizedException } from '@nestjs/common';
import type { ExecutionContext, Type } from '@nestjs/common' with { 'resolution-mode': 'import' };
import { AuthGuard } from '@nestjs/passport';
import type { IAuthGuard } from '@nestjs/passport' with { 'resolution-mode': 'import' };

// Typed explicitly, because TypeScript would otherwise import the type from a path inside Nest's package,
// which not every host app resolves.
const JwtGuard: Type<IAuthGuard> = AuthGuard('jwt');

/**
 * Accepts requests whose bearer token the host app's passport strategy `jwt` has verified. Other
 * requests get a 401 with the challenge of RFC 6750, section 3.
 *
 * @publicApi
 */
@Injectable()
export class CallsExportGuard extends JwtGuard {
  /** @internal */
  override handleRequest<TUser>(
    error: unknown,
    user: TUser,
    info: unknown,
    context: ExecutionContext,
  ): TUser {
    if (error) throw error;
    if (user) return user;
    // Not the token's fault: for example, the key server did not respond.
    if (info instanceof HttpException) throw info;
    const hasToken = /^bearer /i.test(this.getRequest(context).headers.authorization ?? '');
    const response = context
      .switchToHttp()
      .getResponse<{ header(name: string, value: string): void }>();
    response.header('WWW-Authenticate', hasToken ? 'Bearer error="invalid_token"' : 'Bearer');
    throw new UnauthorizedException(
      hasToken
        ? 'The bearer token is invalid or has expired'
        : 'A bearer token is required in the Authorization header',
    );
  }
}

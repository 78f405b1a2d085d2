import { HttpException, Injectable, UnauthorizedException } from '@nestjs/common';
import type { ExecutionContext, Type } from '@nestjs/common' with { 'resolution-mode': 'import' };
import { AuthGuard } from '@nestjs/passport';
import type { IAuthGuard } from '@nestjs/passport' with { 'resolution-mode': 'import' };

// Written out, as the types of the module's definition are.
const JwtGuard: Type<IAuthGuard> = AuthGuard('jwt');

/**
 * Lets in a request whose bearer token the host's passport strategy `jwt` has verified. Others are answered 401 with the
 * challenge of RFC 6750, section 3.
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
    // Not the token's fault, as where the server of the keys does not answer.
    if (info instanceof HttpException) throw info;
    const hasToken = /^bearer /i.test(this.getRequest(context).headers.authorization ?? '');
    const response = context
      .switchToHttp()
      .getResponse<{ header(name: string, value: string): void }>();
    response.header('WWW-Authenticate', hasToken ? 'Bearer error="invalid_token"' : 'Bearer');
    throw new UnauthorizedException(
      hasToken
        ? 'The bearer token is not valid or has expired'
        : 'A bearer token is required in the Authorization header',
    );
  }
}

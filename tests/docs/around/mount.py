import flask
import fastapi
import orkestr
from werkzeug.middleware.dispatcher import DispatcherMiddleware

platform = orkestr.Platform("memory:")


class Both:
    """An application of Flask and one of FastAPI under one name."""
    flask, fastapi = flask.Flask("shop"), fastapi.FastAPI()
    wsgi_app = property(lambda self: self.flask.wsgi_app, lambda self, app: setattr(self.flask, "wsgi_app", app))
    mount = fastapi.mount


app = Both()
SNIPPET
assert app.flask.test_client().get("/booking/v1/api/me").status_code == 401

"""The web tier of the stack: sign-up, log-in, list, upload, download. Run by gunicorn; settings by STACK_* variables."""

import datetime
import functools
import os
import pathlib

import flask
import jwt
import sqlalchemy

import jobs

SECRET = "the stack's own secret"
FOLDER = pathlib.Path(os.environ["STACK_FILES"])
FORMATS = ("mp3", "wav", "ogg", "flac")

app = flask.Flask(__name__)


def logged_in(view):
    @functools.wraps(view)
    def checked(*arguments, **named):
        scheme, _, token = flask.request.headers.get("Authorization", "").partition(" ")
        try:
            flask.g.user = jwt.decode(token, SECRET, algorithms=["HS256"])["sub"]
        except jwt.PyJWTError:
            return {"message": "log in first"}, 401
        return view(*arguments, **named)
    return checked


@app.post("/api/auth/signup")
def sign_up():
    given = flask.request.get_json()
    if given["password1"] != given["password2"]:
        return {"message": "the passwords differ"}, 400
    with jobs.Session() as session:
        session.add(jobs.User(name=given["user"], email=given["email"], password=given["password1"]))
        try:
            session.commit()
        except sqlalchemy.exc.IntegrityError:
            return {"message": "taken"}, 409
    return {"message": "account made"}, 201


@app.post("/api/auth/login")
def log_in():
    given = flask.request.get_json()
    with jobs.Session() as session:
        user = session.query(jobs.User).filter_by(email=given["email"]).first()
        if user is None or user.password != given["password"]:
            return {"message": "wrong e-mail or password"}, 401
        expires = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1)
        return {"token": jwt.encode({"sub": str(user.id), "exp": expires}, SECRET, algorithm="HS256")}


@app.get("/api/tasks")
@logged_in
def list_tasks():
    with jobs.Session() as session:
        tasks = session.query(jobs.Task).filter_by(user_id=int(flask.g.user)).order_by(jobs.Task.id)
        return flask.jsonify([task.as_json() for task in tasks.limit(int(flask.request.args.get("max", 100)))])


@app.get("/api/tasks/<int:task_id>")
@logged_in
def get_task(task_id):
    with jobs.Session() as session:
        task = session.get(jobs.Task, task_id)
        return task.as_json() if task and task.user_id == int(flask.g.user) else ({"message": "no such task"}, 404)


@app.post("/api/tasks")
@logged_in
def upload():
    audio, target = flask.request.files["audio"], flask.request.form["newFormat"]
    name, _, extension = audio.filename.rpartition(".")
    if target not in FORMATS or extension not in FORMATS:
        return {"message": "an unknown format"}, 400
    with jobs.Session() as session:
        task = jobs.Task(user_id=int(flask.g.user), name=name, original=extension, target=target, state="UPLOADED")
        session.add(task)
        session.commit()
        audio.save(FOLDER / f"{task.id}.{extension}")
        jobs.convert.delay(task.id)
        return {"message": "the task was made", "task": task.as_json()}, 201


@app.get("/api/download/<int:task_id>")
@logged_in
def download(task_id):
    with jobs.Session() as session:
        task = session.get(jobs.Task, task_id)
    if task is None or task.user_id != int(flask.g.user):
        return {"message": "no such task"}, 404
    return flask.send_file(FOLDER / f"{task.id}.{task.original}", as_attachment=True)

"""The tables of the stack, and its Celery worker, which converts by pydub."""

import datetime
import os

import celery
import pydub
import sqlalchemy
from sqlalchemy import orm

FILES = os.environ["STACK_FILES"]
queue = celery.Celery("jobs", broker=os.environ["STACK_REDIS"])
queue.conf.task_ignore_result = True
engine = sqlalchemy.create_engine(os.environ["STACK_DATABASE"])
Session = orm.sessionmaker(engine, expire_on_commit=False)
Base = orm.declarative_base()


class User(Base):
    __tablename__ = "users"
    id = sqlalchemy.Column(sqlalchemy.Integer, primary_key=True)
    name = sqlalchemy.Column(sqlalchemy.String, unique=True)
    email = sqlalchemy.Column(sqlalchemy.String, unique=True)
    password = sqlalchemy.Column(sqlalchemy.String)


class Task(Base):
    __tablename__ = "tasks"
    id = sqlalchemy.Column(sqlalchemy.Integer, primary_key=True)
    user_id = sqlalchemy.Column(sqlalchemy.Integer, sqlalchemy.ForeignKey("users.id"), index=True)
    timestamp = sqlalchemy.Column(sqlalchemy.DateTime, default=datetime.datetime.utcnow)
    name = sqlalchemy.Column(sqlalchemy.String)
    original = sqlalchemy.Column(sqlalchemy.String)
    target = sqlalchemy.Column(sqlalchemy.String)
    state = sqlalchemy.Column(sqlalchemy.String)

    def as_json(self):
        return {"id": self.id, "timestamp": self.timestamp.isoformat(), "name": self.name, "originalExt": self.original,
                "convertedExt": self.target, "state": self.state, "user": self.user_id}


@queue.task
def convert(task_id):
    with Session() as session:
        task = session.get(Task, task_id)
        sound = pydub.AudioSegment.from_file(f"{FILES}/{task_id}.{task.original}", task.original)
        options = {"bitrate": "192k"} if task.target == "mp3" else {}
        sound.export(f"{FILES}/{task_id}-result.{task.target}", format=task.target, **options)
        task.state = "PROCESSED"
        session.commit()


if __name__ == "__main__":
    Base.metadata.create_all(engine)

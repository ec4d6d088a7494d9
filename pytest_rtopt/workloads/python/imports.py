"""Import-heavy: what a command-line tool with many dependencies loads before it does anything."""

import bdb
import calendar
import cmd
import concurrent.futures
import ctypes
import doctest
import email.parser
import ftplib
import gettext
import http.server
import imaplib
import ipaddress
import logging.config
import mailbox
import multiprocessing.pool
import optparse
import plistlib
import pydoc
import shelve
import smtplib
import socketserver
import ssl
import tarfile
import tomllib
import unittest.mock
import venv
import wsgiref.simple_server
import xml.dom.minidom
import xml.sax.saxutils
import xmlrpc.client
import zipapp
import zipfile
import zoneinfo

loaded = (
    bdb, calendar, cmd, concurrent.futures, ctypes, doctest, email.parser, ftplib, gettext, http.server,
    imaplib, ipaddress, logging.config, mailbox, multiprocessing.pool, optparse, plistlib, pydoc, shelve,
    smtplib, socketserver, ssl, tarfile, tomllib, unittest.mock, venv, wsgiref.simple_server,
    xml.dom.minidom, xml.sax.saxutils, xmlrpc.client, zipapp, zipfile, zoneinfo,
)  # fmt: skip
print(len(loaded))

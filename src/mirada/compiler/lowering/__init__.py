"""Layers as plain loops, forward and backward, one family a file.

Images lie in memory as (image, row, column, channel): "NHWC". The borders that the
next window needs are part of a buffer, written once, so that no kernel has cases.
"""

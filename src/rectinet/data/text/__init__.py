"""Reviews: files become bags of words, CSR from the first to the last step."""

from rectinet.data.text.amazon import AMAZON_DOMAINS, amazon_name, find_amazon, load_amazon
from rectinet.data.text.bag_of_words import WEIGHTINGS, BagOfWords
from rectinet.data.text.blitzer import read_blitzer_archive, read_blitzer_counts
from rectinet.data.text.corpus import sample_corpus, write_corpus
from rectinet.data.text.duplicates import Duplicates
from rectinet.data.text.imdb import IMDB_FILES, IMDB_MIRRORS, find_imdb, load_imdb
from rectinet.data.text.imdb_archive import read_imdb_archive
from rectinet.data.text.restaurants import find_restaurant_reviews, load_restaurant_reviews
from rectinet.data.text.review import Review
from rectinet.data.text.review_file import read_reviews
from rectinet.data.text.sampled import SampledDocuments
from rectinet.data.text.shards import Shard, ShardedCorpus, ShardWriter

__all__ = [
    "AMAZON_DOMAINS",
    "IMDB_FILES",
    "IMDB_MIRRORS",
    "WEIGHTINGS",
    "BagOfWords",
    "Duplicates",
    "Review",
    "SampledDocuments",
    "Shard",
    "ShardWriter",
    "ShardedCorpus",
    "amazon_name",
    "find_amazon",
    "find_imdb",
    "find_restaurant_reviews",
    "load_amazon",
    "load_imdb",
    "load_restaurant_reviews",
    "read_blitzer_archive",
    "read_blitzer_counts",
    "read_imdb_archive",
    "read_reviews",
    "sample_corpus",
    "write_corpus",
]

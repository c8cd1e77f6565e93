"""The catalogue: every built-in rewrite."""

from __future__ import annotations

from .arrays.accumulations import AccumulatingLoop
from .arrays.aggregations import NamedAggregation
from .arrays.applied import AppliedToNumbers, AppliedToRows
from .arrays.builtins import ArrayBuiltin
from .arrays.column_reads import ColumnReads, ScalarAccess
from .arrays.columns import ColumnAsList
from .arrays.comprehensions import ArrayOfElements
from .arrays.elementwise_loops import ElementwiseLoop
from .arrays.ends import EndsOfSortedArray
from .arrays.extremes import ExtremeLoop
from .arrays.growing import GrownArray
from .arrays.labels import RowsByLabel
from .arrays.matches import AnyMatch, CountedMatches, FirstMatch
from .arrays.members import ArrayMembers
from .arrays.plain_numbers import ArrayAsList
from .arrays.round_trips import RoundTrip
from .arrays.rows import ColumnsTogether, RowsAsArrays
from .arrays.scalars import ScalarMath
from .arrays.selections import DatesAtOnce, SelectedColumn
from .arrays.vectorized import VectorizedExpression
from .caches.instances import CachedOnInstance
from .caches.invalidation import CachedUntilWritten
from .caches.local_memo import MemoizedLocally
from .caches.memoize import Memoize
from .calls.branches import TableForChain
from .calls.conditions import CheapTestFirst
from .calls.dispatch import HotBranchFirst
from .calls.exact_types import ExactTypeFirst
from .calls.inlining import InlinedCall
from .calls.keys import GetterForLambda
from .calls.powers import ModularPower
from .containers.atoms import UncopiedAtom
from .containers.copies import ShallowerCopy, UncopiedIterable, UncopiedVariable
from .containers.groups import DefaultedGroups
from .containers.growth import FlattenedByChain, GrownInPlace, TupleGrowth
from .containers.queues import AppendThenReverse, DequeForList
from .containers.remainders import PositionForRemainder
from .hoisting.codecs import JsonCodec
from .hoisting.compiled import PatternMethod
from .hoisting.constants import HoistedConstant
from .hoisting.invariants import HoistedAttribute, HoistedCall
from .hoisting.lifted import LiftedDefinition
from .hoisting.local_names import LocalName
from .hoisting.pairs import OncePerConstant, OncePerElement
from .hoisting.patterns import CompiledPattern
from .hoisting.preparations import PreparedOnce
from .hoisting.texts import HoistedText
from .loops.comprehensions import ExtendedAtOnce, FilledByComprehension
from .loops.counters import CountedLoop
from .loops.counting import CountedAtOnce
from .loops.extremes import ComparedOnTheSpot
from .loops.generators import ComprehensionForGenerator, CopyForComprehension
from .loops.lambdas import ComprehensionForLambda
from .loops.mappings import ItemsForKeys
from .loops.positions import ElementsForPositions
from .loops.prefixes import RunningValue
from .loops.reductions import JoinedChecks, NeedlessCopy, ShortCircuit, StopWhenFound
from .loops.totals import SumForLoop
from .rewrite import Rewrite
from .searches.equalities import MembershipForAny
from .searches.finds import FirstOfSorted
from .searches.firsts import FirstWithoutList
from .searches.indexes import CountIndex, PositionIndex
from .searches.joins import JoinIndex
from .searches.lookups import GetForKeyError, GetForTest
from .searches.membership import ConstantSet, SeenSet, SetBeforeLoop
from .searches.ordering import EndsOfSorted, HeapForSortedQueue, SortedInsert
from .strings.affixes import TriedAtOnce
from .strings.characters import ReplacedCharacters
from .strings.dates import IsoForStrptime
from .strings.matches import MatchAtPosition
from .strings.slices import PrefixAtPosition
from .strings.strings import JoinedPieces
from .strings.templates import FStringForFormat

ALL: tuple[Rewrite, ...] = (
    Memoize(),
    CachedOnInstance(),
    SetBeforeLoop(),
    SeenSet(),
    ConstantSet(),
    PositionIndex(),
    CountIndex(),
    JoinIndex(),
    RunningValue(),
    OncePerElement(),
    OncePerConstant(),
    HoistedCall(),
    HoistedAttribute(),
    HeapForSortedQueue(),
    SortedInsert(),
    EndsOfSorted(),
    FirstOfSorted(),
    DequeForList(),
    AppendThenReverse(),
    JoinedPieces(),
    GrownInPlace(),
    TupleGrowth(),
    FlattenedByChain(),
    CompiledPattern(),
    PatternMethod(),
    HoistedConstant(),
    ShortCircuit(),
    NeedlessCopy(),
    StopWhenFound(),
    JoinedChecks(),
    TriedAtOnce(),
    ComparedOnTheSpot(),
    FilledByComprehension(),
    ExtendedAtOnce(),
    CountedAtOnce(),
    ShallowerCopy(),
    UncopiedIterable(),
    UncopiedVariable(),
    GetterForLambda(),
    ReplacedCharacters(),
    FStringForFormat(),
    JsonCodec(),
    IsoForStrptime(),
    ComprehensionForLambda(),
    ComprehensionForGenerator(),
    CopyForComprehension(),
    ElementsForPositions(),
    CountedLoop(),
    ItemsForKeys(),
    GetForTest(),
    GetForKeyError(),
    DefaultedGroups(),
    TableForChain(),
    CheapTestFirst(),
    PrefixAtPosition(),
    MatchAtPosition(),
    PositionForRemainder(),
    FirstWithoutList(),
    MembershipForAny(),
    SumForLoop(),
    ModularPower(),
    UncopiedAtom(),
    ExactTypeFirst(),
    HotBranchFirst(),
    MemoizedLocally(),
    InlinedCall(),
    CachedUntilWritten(),
    LiftedDefinition(),
    LocalName(),
    ElementwiseLoop(),
    ArrayOfElements(),
    VectorizedExpression(),
    ArrayBuiltin(),
    AccumulatingLoop(),
    ExtremeLoop(),
    CountedMatches(),
    AnyMatch(),
    FirstMatch(),
    RowsAsArrays(),
    ColumnsTogether(),
    AppliedToRows(),
    AppliedToNumbers(),
    ColumnReads(),
    ScalarAccess(),
    GrownArray(),
    ArrayAsList(),
    ArrayMembers(),
    ScalarMath(),
    RowsByLabel(),
    EndsOfSortedArray(),
    ColumnAsList(),
    RoundTrip(),
    SelectedColumn(),
    NamedAggregation(),
    DatesAtOnce(),
    PreparedOnce(),
    HoistedText(),
)
"""Every rewrite; the order does not matter."""

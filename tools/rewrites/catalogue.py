"""The catalogue: every built-in rewrite."""

from __future__ import annotations

from .affixes import TriedAtOnce
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
from .atoms import UncopiedAtom
from .branches import TableForChain
from .characters import ReplacedCharacters
from .codecs import JsonCodec
from .compiled import PatternMethod
from .comprehensions import ExtendedAtOnce, FilledByComprehension
from .conditions import CheapTestFirst
from .constants import HoistedConstant
from .copies import ShallowerCopy, UncopiedIterable, UncopiedVariable
from .counters import CountedLoop
from .counting import CountedAtOnce
from .dates import IsoForStrptime
from .dispatch import HotBranchFirst
from .equalities import MembershipForAny
from .exact_types import ExactTypeFirst
from .extremes import ComparedOnTheSpot
from .finds import FirstOfSorted
from .firsts import FirstWithoutList
from .generators import ComprehensionForGenerator, CopyForComprehension
from .groups import DefaultedGroups
from .growth import FlattenedByChain, GrownInPlace, TupleGrowth
from .indexes import CountIndex, PositionIndex
from .inlining import InlinedCall
from .instances import CachedOnInstance
from .invalidation import CachedUntilWritten
from .invariants import HoistedAttribute, HoistedCall
from .joins import JoinIndex
from .keys import GetterForLambda
from .lambdas import ComprehensionForLambda
from .lifted import LiftedDefinition
from .local_memo import MemoizedLocally
from .local_names import LocalName
from .lookups import GetForKeyError, GetForTest
from .mappings import ItemsForKeys
from .matches import MatchAtPosition
from .membership import ConstantSet, SeenSet, SetBeforeLoop
from .memoize import Memoize
from .ordering import EndsOfSorted, HeapForSortedQueue, SortedInsert
from .pairs import OncePerConstant, OncePerElement
from .patterns import CompiledPattern
from .positions import ElementsForPositions
from .powers import ModularPower
from .prefixes import RunningValue
from .preparations import PreparedOnce
from .queues import AppendThenReverse, DequeForList
from .reductions import JoinedChecks, NeedlessCopy, ShortCircuit, StopWhenFound
from .remainders import PositionForRemainder
from .rewrite import Rewrite
from .slices import PrefixAtPosition
from .strings import JoinedPieces
from .templates import FStringForFormat
from .texts import HoistedText
from .totals import SumForLoop

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

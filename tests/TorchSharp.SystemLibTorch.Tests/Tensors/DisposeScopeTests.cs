using static TorchSharp.torch;

namespace TorchSharp.SystemLibTorch.Tests.Tensors;

public class DisposeScopeTests
{
    [Fact]
    public void Dispose_OfAScope_DisposesWhatWasMadeInIt()
    {
        Tensor inner;
        using var before = ones(1);
        using (NewDisposeScope())
            inner = ones(1);
        Assert.True(inner.IsInvalid);
        Assert.False(before.IsInvalid);
    }

    [Fact]
    public void MoveToOuterDisposeScope_FromTheInnermost_LivesUntilTheOuterEnds()
    {
        Tensor moved;
        using (NewDisposeScope())
        {
            using (NewDisposeScope())
                moved = ones(1).MoveToOuterDisposeScope();
            Assert.False(moved.IsInvalid);
        }
        Assert.True(moved.IsInvalid);
    }

    [Fact]
    public void MoveToOuterDisposeScope_FromTheOutermost_Detaches()
    {
        Tensor moved;
        using (NewDisposeScope())
            moved = ones(1).MoveToOuterDisposeScope();
        Assert.False(moved.IsInvalid);
        moved.Dispose();
    }

    [Fact]
    public void DetachFromDisposeScope_ThenAttach_FollowsTheOtherScope()
    {
        using var outer = NewDisposeScope();
        Tensor detached;
        using (NewDisposeScope())
            detached = ones(1).DetachFromDisposeScope();
        Assert.False(outer.Contains(detached));
        outer.Attach(detached);
        Assert.True(outer.Contains(detached));
        outer.Dispose();
        Assert.True(detached.IsInvalid);
    }

    [Fact]
    public void MoveToOtherDisposeScope_OfATensor_TakesItsScope()
    {
        using var outer = NewDisposeScope();
        var home = ones(1);
        using (NewDisposeScope())
        {
            var moved = ones(1).MoveToOtherDisposeScope(home);
            Assert.True(outer.Contains(moved));
        }
        Assert.Equal(2, outer.DisposablesCount);
    }

    [Fact]
    public void DisposeEverythingBut_Some_KeepsThemInTheScope()
    {
        using var scope = NewDisposeScope();
        var tensors = Enumerable.Range(0, 40).Select(_ => ones(1)).ToArray();
        var (first, last) = scope.DisposeEverythingBut(tensors[0], tensors[^1]);
        Assert.Equal(2, scope.DisposablesCount);
        Assert.All(tensors[1..^1], tensor => Assert.True(tensor.IsInvalid));
        Assert.False(first.IsInvalid || last.IsInvalid);
        first.Dispose();
        Assert.Equal([last], scope.DisposablesView);
    }

    [Fact]
    public void Dispose_OfMembersInAnyOrder_LeavesTheOthersInPlace()
    {
        using var scope = NewDisposeScope();
        var tensors = Enumerable.Range(0, 100).Select(i => tensor(i)).ToArray();
        foreach (var i in Enumerable.Range(0, 100).Where(i => i % 3 == 0))
            tensors[i].Dispose();
        Assert.Equal(66, scope.DisposablesCount);
        Assert.All(tensors.Where((_, i) => i % 3 != 0), tensor => Assert.True(scope.Contains(tensor)));
    }

    [Fact]
    public void Dispose_OfTheOuterScopeFirst_LeavesTheInnerOneCurrent()
    {
        var outer = NewDisposeScope();
        var inner = NewDisposeScope();
        outer.Dispose();
        Assert.Same(inner, CurrentDisposeScope);
        inner.Dispose();
        Assert.Null(CurrentDisposeScope);
    }

    [Fact]
    public void Use_OfAnEndedScope_Throws()
    {
        var scope = NewDisposeScope();
        scope.Dispose();
        Assert.Throws<ObjectDisposedException>(() => scope.DisposablesCount);
        Assert.Throws<ObjectDisposedException>(scope.DisposeEverything);
    }

    [Fact]
    public void Statistics_OverAScope_CountEveryTensorOnce()
    {
        var statistics = DisposeScopeManager.Statistics;
        statistics.Reset();
        using (var scope = NewDisposeScope())
        {
            var kept = ones(1);
            var detached = ones(1).DetachFromDisposeScope();
            ones(1).Dispose();
            scope.Attach(detached);
            kept.DetachFromDisposeScope();
            kept.Dispose();
        }
        Assert.Equal(3, statistics.CreatedInScopeCount);
        Assert.Equal(0, statistics.CreatedOutsideScopeCount);
        Assert.Equal(2, statistics.DisposedInScopeCount);
        Assert.Equal(1, statistics.DisposedOutsideScopeCount);
        Assert.Equal(2, statistics.DetachedFromScopeCount);
        Assert.Equal(1, statistics.AttachedToScopeCount);
        Assert.Equal(0, statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void WrappedTensorDisposeScope_OfAnExpression_KeepsOnlyItsResult()
    {
        using var outer = NewDisposeScope();
        var result = WrappedTensorDisposeScope(() => (ones(2) + 1) * 3);
        Assert.Equal([result], outer.DisposablesView);
        Assert.Equal([6f, 6f], result.data<float>().ToArray());
    }
}

using TransferLearning.Internal;

namespace TransferLearning.Tests.Internal;

/// <summary>The token of the fits on a thread, as parts outside of the core see it.</summary>
public sealed class CancelingTests
{
    [Fact]
    public void CurrentCancellation_OfARunInsideAnother_IsAskedByEither()
    {
        using var outer = new CancellationTokenSource();
        using var inner = new CancellationTokenSource();
        Assert.False(FitContext.CurrentCancellation.CanBeCanceled);
        using (Canceling.By(outer.Token))
        {
            using (Canceling.By(new FitContext()))
            {
                Assert.Equal(outer.Token, FitContext.CurrentCancellation);
            }
            using (Canceling.By(inner.Token))
            {
                var both = FitContext.CurrentCancellation;
                Assert.False(both.IsCancellationRequested);

                outer.Cancel();

                Assert.True(both.IsCancellationRequested);
                Assert.False(inner.IsCancellationRequested);
            }
            using (Canceling.Paused())
            {
                Assert.False(FitContext.CurrentCancellation.CanBeCanceled);
            }
        }
        Assert.False(FitContext.CurrentCancellation.CanBeCanceled);
    }
}

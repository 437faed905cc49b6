using System.Threading.Channels;
using static TorchSharp.torch;

namespace Serving;

/// <summary>
/// One thread that predicts: it takes all requests that wait, at most a batch, and answers each its rows.
/// </summary>
/// <remarks>
/// Requests that come while a batch is predicted make the next batch, so that a busy server works in larger batches and
/// an idle one answers at once. The queue has an end: a server that cannot keep up makes its clients wait.
/// </remarks>
internal sealed class BatchedPredictions(AdaptedService service, ServingMetrics metrics) : BackgroundService
{
    private readonly Channel<Request> waiting = Channel.CreateBounded<Request>(256);

    /// <summary>Predicts some rows.</summary>
    public async Task<Answer> Of(float[][] rows, CancellationToken canceled)
    {
        var request = new Request(rows, canceled);
        await waiting.Writer.WriteAsync(request, canceled);
        return await request.Answered.Task.WaitAsync(canceled);
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.Factory.StartNew(
            () => Work(stoppingToken),
            stoppingToken,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default
        );

    private void Work(CancellationToken stopping)
    {
        try
        {
            Predict(stopping);
        }
        finally
        {
            waiting.Writer.TryComplete();
            while (waiting.Reader.TryRead(out var left))
            {
                left.Answered.TrySetCanceled(CancellationToken.None);
            }
        }
    }

    private void Predict(CancellationToken stopping)
    {
        var batch = new List<Request>();
        Request? ahead = null;
        while (!stopping.IsCancellationRequested)
        {
            batch.Clear();
            var count = 0;
            while (ahead is not null || waiting.Reader.TryRead(out ahead))
            {
                if (ahead.Canceled.IsCancellationRequested)
                {
                    ahead = null; // nobody waits for it
                    continue;
                }
                if (count > 0 && count + ahead.Rows.Length > AdaptedService.MaxRows)
                {
                    break;
                }
                count += ahead.Rows.Length;
                batch.Add(ahead);
                ahead = null;
            }
            if (batch.Count > 0)
            {
                Answer(batch);
            }
            else if (!Waited(stopping))
            {
                return;
            }
        }

        ahead?.Answered.TrySetCanceled(CancellationToken.None);
    }

    // False where the server stops.
    private bool Waited(CancellationToken stopping)
    {
        try
        {
            return waiting.Reader.WaitToReadAsync(stopping).AsTask().GetAwaiter().GetResult();
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private void Answer(List<Request> batch)
    {
        try
        {
            using var scope = NewDisposeScope();
            var rows = batch.SelectMany(request => request.Rows).ToList();
            var inputs = tensor(rows.SelectMany(row => row).ToArray(), rows.Count, rows[0].Length);
            var found = service.Model.PredictProbabilities(inputs).to(float64);
            var (classes, probabilities) = (found.argmax(1).data<long>().ToArray(), found.data<double>().ToArray());
            metrics.Batch(rows.Count);
            var at = 0;
            foreach (var request in batch)
            {
                request.Answered.SetResult(Serving.Answer.Of(classes, probabilities, at, request.Rows.Length));
                at += request.Rows.Length;
            }
        }
        catch (Exception fault)
        {
            batch.ForEach(request => request.Answered.TrySetException(fault));
        }
    }

    private sealed record Request(float[][] Rows, CancellationToken Canceled)
    {
        public TaskCompletionSource<Answer> Answered { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

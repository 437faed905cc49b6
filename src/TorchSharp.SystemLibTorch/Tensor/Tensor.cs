using System.Diagnostics.CodeAnalysis;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>
    /// A handle to a libtorch tensor. It registers with the current dispose scope of its thread; a finaliser frees what
    /// was neither disposed nor in a scope.
    /// </summary>
    public partial class Tensor : IDisposable
    {
        private static long totalCount;
        private static long peakCount;

        private IntPtr handle;

        internal Tensor(IntPtr handle)
        {
            this.handle = handle;
            CountOneMore();
            DisposeScopeManager.ThreadSingleton.Register(this);
        }

        /// <summary>Takes over another tensor's handle and its place in its scope; the other is invalid afterwards.</summary>
        internal Tensor(Tensor source)
        {
            handle = source.Handle;
            source.handle = IntPtr.Zero;
            GC.SuppressFinalize(source);
            if (source.OwningDisposeScope is { } scope)
            {
                scope.Remove(source);
                scope.Add(this);
            }
        }

        ~Tensor() => Dispose(false);

        public static long TotalCount => Interlocked.Read(ref totalCount);

        public static long PeakCount => Interlocked.Read(ref peakCount);

        /// <summary>A name for whoever debugs.</summary>
        public string? name { get; set; }

        public bool IsInvalid => handle == IntPtr.Zero;

        public IntPtr Handle
        {
            get
            {
                if (handle == IntPtr.Zero)
                    ThrowInvalid();
                return handle;
            }
        }

        internal DisposeScope? OwningDisposeScope { get; set; }

        internal int PlaceInScope { get; set; }

        /// <summary>Wraps what an operator returned; the undefined tensor becomes null.</summary>
        internal static Tensor Own(IntPtr handle) => handle == IntPtr.Zero ? null! : new Tensor(handle);

        public void Dispose()
        {
            Dispose(true);
            GC.SuppressFinalize(this);
        }

        protected virtual void Dispose(bool disposing)
        {
            if (handle == IntPtr.Zero)
                return;
            if (disposing)
            {
                var statistics = DisposeScopeManager.ThreadSingleton.StatisticsInstance.TensorStatistics;
                if (OwningDisposeScope is { } scope)
                {
                    scope.Remove(this);
                    OwningDisposeScope = null;
                    statistics.DisposedInScopeCount++;
                }
                else
                    statistics.DisposedOutsideScopeCount++;
            }
            Interlocked.Decrement(ref totalCount);
            Native.bridge_tensor_free(handle);
            handle = IntPtr.Zero;
        }

        public Tensor MoveToOuterDisposeScope()
        {
            OwningDisposeScope?.MoveToOuter(this);
            return this;
        }

        public Tensor DetachFromDisposeScope()
        {
            OwningDisposeScope?.Detach(this);
            return this;
        }

        public Tensor MoveToOtherDisposeScope(Tensor other) => MoveToOtherDisposeScope(other.OwningDisposeScope);

        public Tensor MoveToOtherDisposeScope(DisposeScope? other)
        {
            if (OwningDisposeScope is { } scope)
                scope.MoveToOther(other, this);
            else
                other?.Attach(this);
            return this;
        }

        public override bool Equals(object? obj) => obj is Tensor other && Equals(other);

        /// <summary>Whether both have the same shape and elements. <c>==</c> compares element by element instead.</summary>
        public bool Equals(Tensor target) =>
            ReferenceEquals(this, target) || (target is not null && Aten.equal.InvokeBool(this, target));

        public override int GetHashCode() => base.GetHashCode();

        private static void CountOneMore()
        {
            var live = Interlocked.Increment(ref totalCount);
            var peak = peakCount;
            while (live > peak)
                peak = Interlocked.CompareExchange(ref peakCount, live, peak) is var seen && seen == peak ? live : seen;
        }

        [DoesNotReturn]
        private static void ThrowInvalid() => throw new InvalidOperationException("Tensor invalid -- empty handle.");
    }
}
